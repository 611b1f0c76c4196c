package conformance

import (
	"encoding/base64"
	"testing"

	"github.com/vultr/govultr/v3"
)

func TestInstance(t *testing.T) {
	client := newClient(t)
	key := got[*govultr.SSHKey](t)(client.SSHKey.Create(ctx, &govultr.SSHKeyReq{Name: "key", SSHKey: publicKey}))
	vpc := got[*govultr.VPC](t)(client.VPC.Create(ctx, &govultr.VPCReq{
		Region: "fra", Description: "v", V4Subnet: "10.20.0.0", V4SubnetMask: 24,
	}))
	userData := base64.StdEncoding.EncodeToString([]byte("#cloud-config\n"))
	instance := newInstance(t, client, govultr.InstanceCreateReq{
		Label: "web-0", Hostname: "web-0", Tags: []string{"web"}, UserData: userData,
		SSHKeys: []string{key.ID}, AttachVPC: []string{vpc.ID},
	})
	equal(t, "power", instance.PowerStatus, "running")
	equal(t, "server", instance.ServerStatus, "ok")
	equal(t, "private address", instance.InternalIP, "10.20.0.3")
	equal(t, "tags", instance.Tags, []string{"web"})
	equal(t, "user data", got[*govultr.UserData](t)(client.Instance.GetUserData(ctx, instance.ID)).Data, userData)
	schedule := got[*govultr.BackupSchedule](t)(client.Instance.GetBackupSchedule(ctx, instance.ID))
	equal(t, "backups", *schedule.Enabled, false)

	networks, meta, _, err := client.Instance.ListVPCInfo(ctx, instance.ID, nil)
	check(t, err)
	equal(t, "VPCs", meta.Total, 1)
	equal(t, "VPC", networks[0].ID, vpc.ID)
	addresses, _, _, err := client.Instance.ListIPv4(ctx, instance.ID, nil)
	check(t, err)
	equal(t, "main address", addresses[0].IP, instance.MainIP)

	refused(t, client.VPC.Delete(ctx, vpc.ID), "attached to this VPC network: "+instance.MainIP)
	power := func(wanted string) {
		until(t, wanted, func() bool {
			return got[*govultr.Instance](t)(client.Instance.Get(ctx, instance.ID)).PowerStatus == wanted
		})
	}
	check(t, client.Instance.Halt(ctx, instance.ID))
	power("stopped")
	check(t, client.Instance.Start(ctx, instance.ID))
	power("running")
	check(t, client.Instance.Reboot(ctx, instance.ID))

	// As the official provider has it: tags that it does not mean to change are null.
	changed := got[*govultr.Instance](t)(client.Instance.Update(ctx, instance.ID, &govultr.InstanceUpdateReq{
		Label: "web-1", Plan: "vc2-1c-2gb",
	}))
	equal(t, "tags", changed.Tags, []string{"web"})
	until(t, "the other plan", func() bool {
		return got[*govultr.Instance](t)(client.Instance.Get(ctx, instance.ID)).Plan == "vc2-1c-2gb"
	})

	listed, meta, _, err := client.Instance.List(ctx, &govultr.ListOptions{Tag: "web", PerPage: 1})
	check(t, err)
	equal(t, "listed", listed[0].ID, instance.ID)
	equal(t, "next", meta.Links.Next, "")

	check(t, client.Instance.DetachVPC(ctx, instance.ID, vpc.ID))
	check(t, client.Instance.Delete(ctx, instance.ID))
	_, _, err = client.Instance.Get(ctx, instance.ID)
	refused(t, err, "invalid instance ID")
	check(t, client.VPC.Delete(ctx, vpc.ID))
	check(t, client.SSHKey.Delete(ctx, key.ID))
}

func TestAccess(t *testing.T) {
	_, _, err := clientWith(t, "WRONG").Account.Get(ctx)
	refused(t, err, "Invalid API token.")
	client := newClient(t)
	equal(t, "account", got[*govultr.Account](t)(client.Account.Get(ctx)).Name, "Local cloud")
	plans, _, _, err := client.Plan.List(ctx, "vc2", nil)
	check(t, err)
	equal(t, "memory", plans[0].RAM, 1024)
	systems, _, _, err := client.OS.List(ctx, nil)
	check(t, err)
	equal(t, "system", systems[0].Name, "Debian 12 x64 (bookworm)")
	regions, _, _, err := client.Region.List(ctx, nil)
	check(t, err)
	available, _, err := client.Region.Availability(ctx, regions[0].ID, "")
	check(t, err)
	equal(t, "plan", available.AvailablePlans[0], "vc2-1c-1gb")
	_, _, _, err = client.BlockStorage.List(ctx, nil)
	refused(t, err, "Not found")
}
