package conformance

import (
	"context"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/vultr/govultr/v3"
)

var ctx = context.Background()

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFppV1smx5OYORvOLkJ2j8KpRPaBx9bp4589024UeNxb"

type bearer string

func (key bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+string(key))
	return http.DefaultTransport.RoundTrip(request)
}

func clientWith(t *testing.T, key string) *govultr.Client {
	t.Helper()
	client := govultr.NewClient(&http.Client{Transport: bearer(key)})
	// Without one it is the provider's own address, as the official plugin knows no other.
	if url := os.Getenv("API_URL"); url != "" {
		check(t, client.SetBaseURL(url))
	}
	return client
}

func newClient(t *testing.T) *govultr.Client {
	t.Helper()
	return clientWith(t, os.Getenv("API_KEY"))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got is the value of a call that has to succeed.
func got[T any](t *testing.T) func(value T, _ *http.Response, err error) T {
	return func(value T, _ *http.Response, err error) T {
		t.Helper()
		check(t, err)
		return value
	}
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func refused(t *testing.T, err error, message string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), message) {
		t.Fatalf("got %v, want an error with %q", err, message)
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

func newInstance(t *testing.T, client *govultr.Client, settings govultr.InstanceCreateReq) *govultr.Instance {
	t.Helper()
	settings.Region, settings.Plan, settings.OsID = "fra", "vc2-1c-1gb", 2136
	made := got[*govultr.Instance](t)(client.Instance.Create(ctx, &settings))
	equal(t, "status", made.Status, "pending")
	var instance *govultr.Instance
	until(t, "an active instance", func() bool {
		instance = got[*govultr.Instance](t)(client.Instance.Get(ctx, made.ID))
		return instance.Status == "active"
	})
	return instance
}
