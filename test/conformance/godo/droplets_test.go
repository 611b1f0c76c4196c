package conformance

import (
	"fmt"
	"slices"
	"testing"

	"github.com/digitalocean/godo"
)

func TestDropletLifeCycle(t *testing.T) {
	client := newClient(t)
	key, _, err := client.Keys.Create(ctx, &godo.KeyCreateRequest{Name: "laptop", PublicKey: publicKey})
	check(t, err)
	defer client.Keys.DeleteByID(ctx, key.ID)

	droplet := createDroplet(t, client, godo.DropletCreateRequest{
		Name:       "web-0",
		SSHKeys:    []godo.DropletCreateSSHKey{{Fingerprint: key.Fingerprint}, {ID: key.ID}},
		Tags:       []string{"web"},
		Monitoring: true,
		UserData:   "#cloud-config\n",
	})
	equal(t, "features", droplet.Features, []string{"monitoring", "private_networking"})
	equal(t, "tags", droplet.Tags, []string{"web"})
	equal(t, "memory", droplet.Memory, 1024)
	public, err := droplet.PublicIPv4()
	check(t, err)
	private, err := droplet.PrivateIPv4()
	check(t, err)
	if public == "" || private == "" || public == private {
		t.Fatalf("public %q and private %q address", public, private)
	}

	for _, step := range []struct {
		do     func() (*godo.Action, *godo.Response, error)
		status string
	}{
		{func() (*godo.Action, *godo.Response, error) { return client.DropletActions.Reboot(ctx, droplet.ID) }, "active"},
		{func() (*godo.Action, *godo.Response, error) { return client.DropletActions.PowerCycle(ctx, droplet.ID) }, "active"},
		{func() (*godo.Action, *godo.Response, error) { return client.DropletActions.Shutdown(ctx, droplet.ID) }, "off"},
		{func() (*godo.Action, *godo.Response, error) { return client.DropletActions.PowerOn(ctx, droplet.ID) }, "active"},
		{func() (*godo.Action, *godo.Response, error) { return client.DropletActions.PowerOff(ctx, droplet.ID) }, "off"},
		{func() (*godo.Action, *godo.Response, error) {
			return client.DropletActions.Resize(ctx, droplet.ID, "s-1vcpu-2gb", true)
		}, "off"},
		{func() (*godo.Action, *godo.Response, error) {
			return client.DropletActions.Rename(ctx, droplet.ID, "web-zero")
		}, "off"},
		{func() (*godo.Action, *godo.Response, error) { return client.DropletActions.PowerOn(ctx, droplet.ID) }, "active"},
	} {
		action, response, err := step.do()
		check(t, err)
		equal(t, "status of "+action.Type, response.StatusCode, 201)
		completed(t, client, action)
		droplet, _, err = client.Droplets.Get(ctx, droplet.ID)
		check(t, err)
		equal(t, "droplet after "+action.Type, droplet.Status, step.status)
		same, _, err := client.DropletActions.Get(ctx, droplet.ID, action.ID)
		check(t, err)
		equal(t, "action of the droplet", same.ID, action.ID)
	}
	equal(t, "name", droplet.Name, "web-zero")
	equal(t, "size", droplet.Size.Slug, "s-1vcpu-2gb")
	equal(t, "disk", droplet.Disk, 50)

	_, _, err = client.DropletActions.Resize(ctx, droplet.ID, "s-1vcpu-1gb", true)
	refused(t, err, 422, "Droplet is currently on. Please power it off to run this event.")
	_, _, err = client.DropletActions.PowerOn(ctx, droplet.ID)
	refused(t, err, 422, "")
	actions, _, err := client.Droplets.Actions(ctx, droplet.ID, &godo.ListOptions{PerPage: 50})
	check(t, err)
	equal(t, "last action first", actions[0].Type, "power_on")
	equal(t, "first action last", actions[len(actions)-1].Type, "create")
}

func TestDropletErrors(t *testing.T) {
	client := newClient(t)
	valid := godo.DropletCreateRequest{
		Name: "a", Region: "fra1", Size: "s-1vcpu-1gb", Image: godo.DropletCreateImage{Slug: "debian-12-x64"},
	}
	for _, change := range []func(*godo.DropletCreateRequest){
		func(r *godo.DropletCreateRequest) { r.Name = "not_a_host_name" },
		func(r *godo.DropletCreateRequest) { r.Region = "mars1" },
		func(r *godo.DropletCreateRequest) { r.Size = "s-huge" },
		func(r *godo.DropletCreateRequest) { r.Image = godo.DropletCreateImage{Slug: "beos-5"} },
		func(r *godo.DropletCreateRequest) { r.VPCUUID = "8a1d1ea4-0000-4000-8000-000000000000" },
		func(r *godo.DropletCreateRequest) { r.SSHKeys = []godo.DropletCreateSSHKey{{ID: 7}} },
		func(r *godo.DropletCreateRequest) { r.Tags = []string{"no spaces"} },
	} {
		request := valid
		change(&request)
		_, _, err := client.Droplets.Create(ctx, &request)
		refused(t, err, 422, "")
	}
	_, _, err := client.Droplets.Get(ctx, 999)
	refused(t, err, 404, "The resource you were accessing could not be found.")
	_, err = client.Droplets.Delete(ctx, 999)
	refused(t, err, 404, "")
}

func TestDropletListsAndPages(t *testing.T) {
	client := newClient(t)
	created, response, err := client.Droplets.CreateMultiple(ctx, &godo.DropletMultiCreateRequest{
		Names: []string{"p-0", "p-1", "p-2", "p-3", "p-4"}, Region: "fra1", Size: "s-1vcpu-1gb",
		Image: godo.DropletCreateImage{Slug: "debian-12-x64"}, Tags: []string{"paged"},
	})
	check(t, err)
	equal(t, "links", len(response.Links.Actions), 5)
	for _, droplet := range created {
		activeDroplet(t, client, droplet.ID)
	}
	var names []string
	options := &godo.ListOptions{PerPage: 2}
	for page := 1; ; page++ {
		options.Page = page
		droplets, response, err := client.Droplets.ListByTag(ctx, "paged", options)
		check(t, err)
		equal(t, "total", response.Meta.Total, 5)
		for _, droplet := range droplets {
			names = append(names, droplet.Name)
		}
		if current, err := response.Links.CurrentPage(); err != nil || current != page {
			t.Fatalf("page %d calls itself %d: %v", page, current, err)
		}
		if response.Links.IsLastPage() {
			break
		}
	}
	equal(t, "names of all pages", names, []string{"p-0", "p-1", "p-2", "p-3", "p-4"})
	named, _, err := client.Droplets.ListByName(ctx, "p-3", nil)
	check(t, err)
	equal(t, "named", len(named), 1)

	_, err = client.Droplets.DeleteByTag(ctx, "paged")
	check(t, err)
	until(t, "an end of all tagged", func() bool {
		left, _, err := client.Droplets.ListByTag(ctx, "paged", nil)
		check(t, err)
		return len(left) == 0
	})
}

func TestAddressesDiffer(t *testing.T) {
	client := newClient(t)
	var seen []string
	for i := range 3 {
		droplet := createDroplet(t, client, godo.DropletCreateRequest{Name: fmt.Sprintf("n-%d", i)})
		for _, network := range droplet.Networks.V4 {
			if slices.Contains(seen, network.IPAddress) {
				t.Fatalf("%s was given twice", network.IPAddress)
			}
			seen = append(seen, network.IPAddress)
		}
	}
}
