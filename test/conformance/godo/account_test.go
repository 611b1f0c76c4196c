package conformance

import (
	"os"
	"strconv"
	"testing"

	"github.com/digitalocean/godo"
)

func TestKeys(t *testing.T) {
	client := newClient(t)
	key, response, err := client.Keys.Create(ctx, &godo.KeyCreateRequest{Name: "one", PublicKey: publicKey + " me@home"})
	check(t, err)
	equal(t, "status", response.StatusCode, 201)
	equal(t, "fingerprint", key.Fingerprint, "c6:d4:b7:5f:64:bd:27:29:a3:18:21:97:eb:85:fa:03")
	_, _, err = client.Keys.Create(ctx, &godo.KeyCreateRequest{Name: "two", PublicKey: publicKey})
	refused(t, err, 422, "SSH Key is already in use on your account")
	_, _, err = client.Keys.Create(ctx, &godo.KeyCreateRequest{Name: "bad", PublicKey: "ssh-ed25519 AAAA"})
	refused(t, err, 422, "")
	_, _, err = client.Keys.UpdateByFingerprint(ctx, key.Fingerprint, &godo.KeyUpdateRequest{Name: "renamed"})
	check(t, err)
	again, _, err := client.Keys.GetByID(ctx, key.ID)
	check(t, err)
	equal(t, "name", again.Name, "renamed")
	same, _, err := client.Keys.GetByFingerprint(ctx, key.Fingerprint)
	check(t, err)
	equal(t, "id", same.ID, key.ID)
	keys, _, err := client.Keys.List(ctx, nil)
	check(t, err)
	equal(t, "keys", len(keys), 1)
	_, err = client.Keys.DeleteByFingerprint(ctx, key.Fingerprint)
	check(t, err)
	_, _, err = client.Keys.GetByID(ctx, key.ID)
	refused(t, err, 404, "")
}

func TestTags(t *testing.T) {
	client := newClient(t)
	tag, _, err := client.Tags.Create(ctx, &godo.TagCreateRequest{Name: "Env:prod"})
	check(t, err)
	if r := tag.Resources; r.Droplets == nil || r.Images == nil || r.Volumes == nil || r.VolumeSnapshots == nil || r.Databases == nil {
		t.Fatalf("a kind of resource is missing: %v", r)
	}
	droplet := createDroplet(t, client, godo.DropletCreateRequest{Name: "tagged"})
	resources := []godo.Resource{{ID: strconv.Itoa(droplet.ID), Type: godo.DropletResourceType}}
	_, err = client.Tags.TagResources(ctx, "env:prod", &godo.TagResourcesRequest{Resources: resources})
	check(t, err)
	tag, _, err = client.Tags.Get(ctx, "env:prod")
	check(t, err)
	equal(t, "name", tag.Name, "Env:prod")
	equal(t, "count", tag.Resources.Droplets.Count, 1)
	_, err = client.Tags.UntagResources(ctx, "Env:prod", &godo.UntagResourcesRequest{Resources: resources})
	check(t, err)
	droplet, _, err = client.Droplets.Get(ctx, droplet.ID)
	check(t, err)
	equal(t, "tags", len(droplet.Tags), 0)
	_, _, err = client.Tags.Create(ctx, &godo.TagCreateRequest{Name: "no spaces"})
	refused(t, err, 422, "")
	_, err = client.Tags.Delete(ctx, "Env:prod")
	check(t, err)
	_, _, err = client.Tags.Get(ctx, "Env:prod")
	refused(t, err, 404, "")
}

func TestProjects(t *testing.T) {
	client := newClient(t)
	standard, _, err := client.Projects.GetDefault(ctx)
	check(t, err)
	project, _, err := client.Projects.Create(ctx, &godo.CreateProjectRequest{
		Name: "shop", Purpose: "Web Application", Environment: "production",
	})
	check(t, err)
	equal(t, "environment", project.Environment, "Production")
	domain, _, err := client.Domains.Create(ctx, &godo.DomainCreateRequest{Name: "project.example"})
	check(t, err)
	moved, _, err := client.Projects.AssignResources(ctx, project.ID, domain.URN())
	check(t, err)
	equal(t, "status", moved[0].Status, "assigned")
	held, response, err := client.Projects.ListResources(ctx, project.ID, nil)
	check(t, err)
	equal(t, "total", response.Meta.Total, 1)
	equal(t, "urn", held[0].URN, "do:domain:project.example")
	_, err = client.Projects.Delete(ctx, project.ID)
	refused(t, err, 412, "cannot delete a project with resources")
	_, _, err = client.Projects.AssignResources(ctx, standard.ID, domain.URN())
	check(t, err)
	project, _, err = client.Projects.Update(ctx, project.ID, &godo.UpdateProjectRequest{Description: "of the shop"})
	check(t, err)
	equal(t, "description", project.Description, "of the shop")
	equal(t, "name", project.Name, "shop")
	_, err = client.Projects.Delete(ctx, project.ID)
	check(t, err)
	_, err = client.Domains.Delete(ctx, domain.Name)
	check(t, err)
}

func TestDomains(t *testing.T) {
	client := newClient(t)
	domain, _, err := client.Domains.Create(ctx, &godo.DomainCreateRequest{Name: "example.org", IPAddress: "203.0.113.2"})
	check(t, err)
	equal(t, "ttl", domain.TTL, 1800)
	record, response, err := client.Domains.CreateRecord(ctx, "example.org", &godo.DomainRecordEditRequest{
		Type: "CNAME", Name: "www", Data: "example.org.", TTL: 60,
	})
	check(t, err)
	equal(t, "status", response.StatusCode, 201)
	record, _, err = client.Domains.EditRecord(ctx, "example.org", record.ID, &godo.DomainRecordEditRequest{
		Type: "CNAME", Name: "www", Data: "example.net.", TTL: 90,
	})
	check(t, err)
	equal(t, "ttl", record.TTL, 90)
	equal(t, "data", record.Data, "example.net")
	byName, _, err := client.Domains.RecordsByTypeAndName(ctx, "example.org", "A", "example.org", nil)
	check(t, err)
	equal(t, "data", byName[0].Data, "203.0.113.2")
	_, _, err = client.Domains.CreateRecord(ctx, "example.org", &godo.DomainRecordEditRequest{Type: "A", Name: "x", Data: "no"})
	refused(t, err, 422, "")
	_, err = client.Domains.DeleteRecord(ctx, "example.org", record.ID)
	check(t, err)
	_, _, err = client.Domains.Record(ctx, "example.org", record.ID)
	refused(t, err, 404, "")
	_, err = client.Domains.Delete(ctx, "example.org")
	check(t, err)
	_, _, err = client.Domains.Get(ctx, "example.org")
	refused(t, err, 404, "")
}

func TestCatalog(t *testing.T) {
	client := newClient(t)
	account, _, err := client.Account.Get(ctx)
	check(t, err)
	equal(t, "limits", []int{account.DropletLimit, account.ReservedIPLimit}, []int{25, 3})
	regions, _, err := client.Regions.List(ctx, nil)
	check(t, err)
	sizes, response, err := client.Sizes.List(ctx, nil)
	check(t, err)
	equal(t, "remaining", response.Rate.Limit > response.Rate.Remaining, true)
	if len(regions) == 0 || len(sizes) == 0 {
		t.Fatal("there are no regions or sizes")
	}
	image, _, err := client.Images.GetBySlug(ctx, "debian-12-x64")
	check(t, err)
	equal(t, "distribution", image.Distribution, "Debian")
	mine, _, err := client.Images.ListUser(ctx, nil)
	check(t, err)
	equal(t, "own images", len(mine), 0)
	_, _, err = client.Images.GetBySlug(ctx, "beos-5")
	refused(t, err, 404, "")
	_, _, err = client.Actions.List(ctx, &godo.ListOptions{PerPage: 1})
	check(t, err)
}

func TestTokens(t *testing.T) {
	_, _, err := clientWith(t, "wrong").Account.Get(ctx)
	refused(t, err, 401, "Unable to authenticate you")
	client := clientWith(t, os.Getenv("FAILOVER_TOKEN"))
	_, _, err = client.Droplets.List(ctx, nil)
	check(t, err)
	_, _, err = client.Regions.List(ctx, nil)
	check(t, err)
	_, _, err = client.Account.Get(ctx)
	refused(t, err, 403, "You are not authorized to perform this operation")
	_, err = client.Droplets.Delete(ctx, 1)
	refused(t, err, 403, "")
}

func TestWhatIsNotThere(t *testing.T) {
	client := newClient(t)
	_, _, err := client.Storage.ListVolumes(ctx, nil)
	refused(t, err, 404, "")
	_, _, err = client.LoadBalancers.List(ctx, nil)
	refused(t, err, 404, "")
}
