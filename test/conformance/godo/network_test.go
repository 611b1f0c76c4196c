package conformance

import (
	"os"
	"strconv"
	"testing"

	"github.com/digitalocean/godo"
)

func TestVPC(t *testing.T) {
	client := newClient(t)
	vpc, _, err := client.VPCs.Create(ctx, &godo.VPCCreateRequest{
		Name: "shop", RegionSlug: "fra1", IPRange: "10.77.0.0/20", Description: "of the shop",
	})
	check(t, err)
	equal(t, "urn", vpc.URN, "do:vpc:"+vpc.ID)
	if vpc.CreatedAt.IsZero() {
		t.Fatal("created_at is no time")
	}
	chosen, _, err := client.VPCs.Create(ctx, &godo.VPCCreateRequest{Name: "chosen", RegionSlug: "fra1"})
	check(t, err)
	for _, request := range []godo.VPCCreateRequest{
		{Name: "shop", RegionSlug: "fra1"},
		{Name: "other", RegionSlug: "fra1", IPRange: "10.77.8.0/24"},
		{Name: "other", RegionSlug: "fra1", IPRange: "10.19.0.0/20"},
		{Name: "other", RegionSlug: "fra1", IPRange: "8.8.0.0/20"},
		{Name: "other", RegionSlug: "fra1", IPRange: "10.78.0.0/8"},
		{Name: "other", RegionSlug: "fra1", IPRange: "10.78.0.1/20"},
		{Name: "other", RegionSlug: "mars1"},
		{Name: "other_one", RegionSlug: "fra1"},
	} {
		_, _, err := client.VPCs.Create(ctx, &request)
		refused(t, err, 422, "")
	}

	t.Run("with a member", func(t *testing.T) {
		droplet := createDroplet(t, client, godo.DropletCreateRequest{Name: "member", VPCUUID: vpc.ID})
		private, _ := droplet.PrivateIPv4()
		equal(t, "private address", private, "10.77.0.2")
		equal(t, "vpc", droplet.VPCUUID, vpc.ID)
		members, _, err := client.VPCs.ListMembers(ctx, vpc.ID, nil, nil)
		check(t, err)
		equal(t, "members", members[0].URN, "do:droplet:"+strconv.Itoa(droplet.ID))
		_, err = client.VPCs.Delete(ctx, vpc.ID)
		refused(t, err, 409, "Can not delete VPC with members")
	})

	vpc, _, err = client.VPCs.Update(ctx, vpc.ID, &godo.VPCUpdateRequest{Name: "store", Description: "of the store"})
	check(t, err)
	equal(t, "name", vpc.Name, "store")
	vpc, _, err = client.VPCs.Set(ctx, vpc.ID, godo.VPCSetDescription("again"))
	check(t, err)
	equal(t, "description", vpc.Description, "again")
	equal(t, "name", vpc.Name, "store")
	for _, id := range []string{vpc.ID, chosen.ID} {
		_, err = client.VPCs.Delete(ctx, id)
		check(t, err)
		_, _, err = client.VPCs.Get(ctx, id)
		refused(t, err, 404, "")
	}
}

func TestDefaultVPC(t *testing.T) {
	client := newClient(t)
	droplet := createDroplet(t, client, godo.DropletCreateRequest{Name: "default"})
	vpc, _, err := client.VPCs.Get(ctx, droplet.VPCUUID)
	check(t, err)
	equal(t, "default", vpc.Default, true)
	_, err = client.VPCs.Delete(ctx, vpc.ID)
	refused(t, err, 403, "Can not delete default VPCs")
}

func TestReservedIP(t *testing.T) {
	client := newClient(t)
	first := createDroplet(t, client, godo.DropletCreateRequest{Name: "first"})
	second := createDroplet(t, client, godo.DropletCreateRequest{Name: "second"})
	reserved, response, err := client.ReservedIPs.Create(ctx, &godo.ReservedIPCreateRequest{Region: "fra1"})
	check(t, err)
	equal(t, "status", response.StatusCode, 202)
	if reserved.Droplet != nil || reserved.Region == nil || reserved.ProjectID == "" {
		t.Fatalf("a new reserved IP is %v", reserved)
	}
	holder := func() int {
		t.Helper()
		reserved, _, err := client.ReservedIPs.Get(ctx, reserved.IP)
		check(t, err)
		if reserved.Droplet == nil {
			return 0
		}
		return reserved.Droplet.ID
	}
	assign := func(client *godo.Client, droplet *godo.Droplet) {
		t.Helper()
		action, response, err := client.ReservedIPActions.Assign(ctx, reserved.IP, droplet.ID)
		check(t, err)
		equal(t, "status", response.StatusCode, 201)
		equal(t, "type", action.Type, "assign_ip")
		until(t, "the assignment", func() bool {
			action, _, err := client.ReservedIPActions.Get(ctx, reserved.IP, action.ID)
			check(t, err)
			return action.Status == godo.ActionCompleted
		})
		equal(t, "holder", holder(), droplet.ID)
	}
	assign(client, first)
	assign(client, second)
	assign(clientWith(t, os.Getenv("FAILOVER_TOKEN")), first)

	other, _, err := client.ReservedIPs.Create(ctx, &godo.ReservedIPCreateRequest{DropletID: second.ID})
	check(t, err)
	until(t, "an assignment at birth", func() bool {
		now, _, err := client.ReservedIPs.Get(ctx, other.IP)
		check(t, err)
		return now.Droplet != nil && now.Droplet.ID == second.ID
	})
	_, _, err = client.ReservedIPActions.Assign(ctx, reserved.IP, second.ID)
	refused(t, err, 422, "The Droplet already has a reserved IP.")
	_, _, err = client.ReservedIPActions.Assign(ctx, reserved.IP, 999)
	refused(t, err, 404, "")

	action, _, err := client.ReservedIPActions.Unassign(ctx, reserved.IP)
	check(t, err)
	completed(t, client, action)
	equal(t, "holder", holder(), 0)
	_, _, err = client.ReservedIPActions.Unassign(ctx, reserved.IP)
	refused(t, err, 422, "")
	actions, _, err := client.ReservedIPActions.List(ctx, reserved.IP, nil)
	check(t, err)
	equal(t, "actions", len(actions), 4)

	last, _, err := client.ReservedIPs.Create(ctx, &godo.ReservedIPCreateRequest{Region: "fra1"})
	check(t, err)
	_, _, err = client.ReservedIPs.Create(ctx, &godo.ReservedIPCreateRequest{Region: "fra1"})
	refused(t, err, 422, "")
	all, response, err := client.ReservedIPs.List(ctx, nil)
	check(t, err)
	equal(t, "total", response.Meta.Total, 3)
	for _, one := range all {
		_, err := client.ReservedIPs.Delete(ctx, one.IP)
		check(t, err)
	}
	_, _, err = client.ReservedIPs.Get(ctx, last.IP)
	refused(t, err, 404, "")
}

func TestFirewall(t *testing.T) {
	client := newClient(t)
	for _, tag := range []string{"fw-web", "fw-db"} {
		_, _, err := client.Tags.Create(ctx, &godo.TagCreateRequest{Name: tag})
		check(t, err)
		defer client.Tags.Delete(ctx, tag)
	}
	droplet := createDroplet(t, client, godo.DropletCreateRequest{Name: "walled"})
	ssh := godo.InboundRule{
		Protocol: "tcp", PortRange: "22", Sources: &godo.Sources{Addresses: []string{"0.0.0.0/0", "::/0"}},
	}
	sql := godo.InboundRule{Protocol: "tcp", PortRange: "3306", Sources: &godo.Sources{
		Tags: []string{"fw-web"}, DropletIDs: []int{droplet.ID},
	}}
	ping := godo.InboundRule{Protocol: "icmp", PortRange: "0", Sources: &godo.Sources{Addresses: []string{"10.0.0.0/8"}}}
	out := godo.OutboundRule{
		Protocol: "udp", PortRange: "all", Destinations: &godo.Destinations{Addresses: []string{"0.0.0.0/0"}},
	}
	firewall, response, err := client.Firewalls.Create(ctx, &godo.FirewallRequest{
		Name: "db", InboundRules: []godo.InboundRule{ssh, sql, ping}, OutboundRules: []godo.OutboundRule{out},
		Tags: []string{"fw-db"},
	})
	check(t, err)
	equal(t, "status", response.StatusCode, 202)
	out.PortRange = "0"
	equal(t, "inbound", firewall.InboundRules, []godo.InboundRule{ssh, sql, ping})
	equal(t, "outbound", firewall.OutboundRules, []godo.OutboundRule{out})

	_, err = client.Firewalls.AddDroplets(ctx, firewall.ID, droplet.ID)
	check(t, err)
	_, err = client.Firewalls.AddTags(ctx, firewall.ID, "fw-web")
	check(t, err)
	https := godo.InboundRule{Protocol: "tcp", PortRange: "443", Sources: &godo.Sources{Addresses: []string{"1.2.3.4"}}}
	_, err = client.Firewalls.AddRules(ctx, firewall.ID, &godo.FirewallRulesRequest{InboundRules: []godo.InboundRule{https}})
	check(t, err)
	_, err = client.Firewalls.RemoveRules(ctx, firewall.ID, &godo.FirewallRulesRequest{InboundRules: []godo.InboundRule{ssh}})
	check(t, err)
	_, err = client.Firewalls.RemoveTags(ctx, firewall.ID, "fw-db")
	check(t, err)
	firewall, _, err = client.Firewalls.Get(ctx, firewall.ID)
	check(t, err)
	equal(t, "droplets", firewall.DropletIDs, []int{droplet.ID})
	equal(t, "tags", firewall.Tags, []string{"fw-web"})
	equal(t, "inbound", firewall.InboundRules, []godo.InboundRule{sql, ping, https})
	of, _, err := client.Firewalls.ListByDroplet(ctx, droplet.ID, nil)
	check(t, err)
	equal(t, "firewalls of the droplet", len(of), 1)
	_, err = client.Firewalls.RemoveDroplets(ctx, firewall.ID, droplet.ID)
	check(t, err)

	firewall, _, err = client.Firewalls.Update(ctx, firewall.ID, &godo.FirewallRequest{
		Name: "db", InboundRules: []godo.InboundRule{ssh},
	})
	check(t, err)
	equal(t, "tags", len(firewall.Tags)+len(firewall.DropletIDs), 0)
	equal(t, "inbound", firewall.InboundRules, []godo.InboundRule{ssh})

	_, _, err = client.Firewalls.Create(ctx, &godo.FirewallRequest{Name: "db", InboundRules: []godo.InboundRule{ssh}})
	refused(t, err, 409, "duplicate name")
	bad := ssh
	bad.PortRange = "22-21"
	for _, request := range []godo.FirewallRequest{
		{Name: "a b", InboundRules: []godo.InboundRule{ssh}},
		{Name: "empty"},
		{Name: "ports", InboundRules: []godo.InboundRule{bad}},
		{Name: "tag", InboundRules: []godo.InboundRule{ssh}, Tags: []string{"nobody"}},
		{Name: "droplet", InboundRules: []godo.InboundRule{ssh}, DropletIDs: []int{7}},
		{Name: "cidr", InboundRules: []godo.InboundRule{{
			Protocol: "tcp", PortRange: "22", Sources: &godo.Sources{Addresses: []string{"1.2.3.4/40"}},
		}}},
	} {
		_, _, err := client.Firewalls.Create(ctx, &request)
		refused(t, err, 422, "")
	}
	_, err = client.Firewalls.Delete(ctx, firewall.ID)
	check(t, err)
	_, _, err = client.Firewalls.Get(ctx, firewall.ID)
	refused(t, err, 404, "")
}
