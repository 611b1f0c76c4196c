package conformance

import (
	"context"
	"errors"
	"net/http"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/digitalocean/godo"
)

var ctx = context.Background()

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFppV1smx5OYORvOLkJ2j8KpRPaBx9bp4589024UeNxb"

type bearer string

func (token bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+string(token))
	return http.DefaultTransport.RoundTrip(request)
}

func clientWith(t *testing.T, token string) *godo.Client {
	t.Helper()
	client, err := godo.New(&http.Client{Transport: bearer(token)}, godo.SetBaseURL(os.Getenv("API_URL")))
	check(t, err)
	return client
}

func newClient(t *testing.T) *godo.Client {
	t.Helper()
	return clientWith(t, os.Getenv("API_TOKEN"))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// refused wants an error answer of the provider's own form.
func refused(t *testing.T, err error, status int, message string) {
	t.Helper()
	var response *godo.ErrorResponse
	if !errors.As(err, &response) {
		t.Fatalf("got %v, want an error response", err)
	}
	equal(t, "status", response.Response.StatusCode, status)
	if message != "" {
		equal(t, "message", response.Message, message)
	}
	if response.RequestID == "" {
		t.Fatal("the error has no request id")
	}
}

func until(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if isSo() {
			return
		}
	}
	t.Fatalf("%s did not come about", what)
}

func completed(t *testing.T, client *godo.Client, action *godo.Action) {
	t.Helper()
	until(t, action.Type, func() bool {
		now, _, err := client.Actions.Get(ctx, action.ID)
		check(t, err)
		if now.Status == "errored" {
			t.Fatalf("%s errored", action.Type)
		}
		return now.Status == godo.ActionCompleted && now.CompletedAt != nil
	})
}

func createDroplet(t *testing.T, client *godo.Client, request godo.DropletCreateRequest) *godo.Droplet {
	t.Helper()
	request.Region, request.Size = "fra1", "s-1vcpu-1gb"
	request.Image = godo.DropletCreateImage{Slug: "debian-12-x64"}
	droplet, response, err := client.Droplets.Create(ctx, &request)
	check(t, err)
	equal(t, "status of create", response.StatusCode, 202)
	equal(t, "links of create", len(response.Links.Actions), 1)
	t.Cleanup(func() { destroyDroplet(t, client, droplet.ID) })
	return activeDroplet(t, client, droplet.ID)
}

func activeDroplet(t *testing.T, client *godo.Client, id int) (droplet *godo.Droplet) {
	t.Helper()
	until(t, "an active droplet", func() bool {
		var err error
		droplet, _, err = client.Droplets.Get(ctx, id)
		check(t, err)
		return droplet.Status == "active" && !droplet.Locked
	})
	return droplet
}

func destroyDroplet(t *testing.T, client *godo.Client, id int) {
	t.Helper()
	_, err := client.Droplets.Delete(ctx, id)
	check(t, err)
	until(t, "a droplet's end", func() bool {
		_, response, err := client.Droplets.Get(ctx, id)
		return err != nil && response.StatusCode == 404
	})
}
