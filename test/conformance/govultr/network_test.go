package conformance

import (
	"testing"

	"github.com/vultr/govultr/v3"
)

func TestReservedIP(t *testing.T) {
	client := newClient(t)
	first := newInstance(t, client, govultr.InstanceCreateReq{Hostname: "lb-0"})
	second := newInstance(t, client, govultr.InstanceCreateReq{Hostname: "lb-1"})
	ip := got[*govultr.ReservedIP](t)(client.ReservedIP.Create(ctx, &govultr.ReservedIPReq{
		Region: "fra", IPType: "v4", Label: "ip", InstanceID: first.ID,
	}))
	equal(t, "size", ip.SubnetSize, 32)
	check(t, client.ReservedIP.Attach(ctx, ip.ID, first.ID))
	refused(t, client.ReservedIP.Attach(ctx, ip.ID, second.ID), "already attached to another server")
	check(t, client.ReservedIP.Detach(ctx, ip.ID))
	check(t, client.ReservedIP.Attach(ctx, ip.ID, second.ID))
	equal(t, "holder", got[*govultr.ReservedIP](t)(client.ReservedIP.Get(ctx, ip.ID)).InstanceID, second.ID)
	label := "other"
	changed := got[*govultr.ReservedIP](t)(client.ReservedIP.Update(ctx, ip.ID, &govultr.ReservedIPUpdateReq{Label: &label}))
	equal(t, "label", changed.Label, label)
	all, _, _, err := client.ReservedIP.List(ctx, nil)
	check(t, err)
	equal(t, "listed", all, []govultr.ReservedIP{*changed})
	check(t, client.ReservedIP.Delete(ctx, ip.ID))
	_, _, err = client.ReservedIP.Get(ctx, ip.ID)
	refused(t, err, "Invalid reserved-ip ID")
	check(t, client.Instance.Delete(ctx, first.ID))
	check(t, client.Instance.Delete(ctx, second.ID))
}

func TestFirewall(t *testing.T) {
	client := newClient(t)
	group := got[*govultr.FirewallGroup](t)(client.FirewallGroup.Create(ctx, &govultr.FirewallGroupReq{Description: "web"}))
	rule := got[*govultr.FirewallRule](t)(client.FirewallRule.Create(ctx, group.ID, &govultr.FirewallRuleReq{
		IPType: "v4", Protocol: "tcp", Subnet: "10.20.0.0", SubnetSize: 24, Port: "8000:9000", Notes: "web",
	}))
	equal(t, "rule", *got[*govultr.FirewallRule](t)(client.FirewallRule.Get(ctx, group.ID, rule.ID)), *rule)
	instance := newInstance(t, client, govultr.InstanceCreateReq{Hostname: "web-0", FirewallGroupID: group.ID})
	check(t, client.FirewallGroup.Update(ctx, group.ID, &govultr.FirewallGroupReq{Description: "other"}))
	read := got[*govultr.FirewallGroup](t)(client.FirewallGroup.Get(ctx, group.ID))
	equal(t, "instances", read.InstanceCount, 1)
	equal(t, "description", read.Description, "other")
	check(t, client.Instance.Delete(ctx, instance.ID))
	check(t, client.FirewallRule.Delete(ctx, group.ID, rule.ID))
	_, _, err := client.FirewallRule.Get(ctx, group.ID, rule.ID)
	refused(t, err, "Firewall rule ID not found")
	check(t, client.FirewallGroup.Delete(ctx, group.ID))
}

func TestDomain(t *testing.T) {
	client := newClient(t)
	got[*govultr.Domain](t)(client.Domain.Create(ctx, &govultr.DomainReq{Domain: "example.org", IP: "192.0.2.1"}))
	record := got[*govultr.DomainRecord](t)(client.DomainRecord.Create(ctx, "example.org", &govultr.DomainRecordCreateReq{
		Name: "www", Type: "A", Data: "192.0.2.2", TTL: 600,
	}))
	check(t, client.DomainRecord.Update(ctx, "example.org", record.ID, &govultr.DomainRecordUpdateReq{Data: "192.0.2.3"}))
	changed := got[*govultr.DomainRecord](t)(client.DomainRecord.Get(ctx, "example.org", record.ID))
	equal(t, "data", changed.Data, "192.0.2.3")
	records, _, _, err := client.DomainRecord.List(ctx, "example.org", nil)
	check(t, err)
	equal(t, "records", len(records), 4)
	check(t, client.DomainRecord.Delete(ctx, "example.org", record.ID))
	check(t, client.Domain.Delete(ctx, "example.org"))
}

func TestStartupScript(t *testing.T) {
	client := newClient(t)
	request := govultr.StartupScriptReq{Name: "s", Type: "boot", Script: "IyEvYmluL3NoCg=="}
	script := got[*govultr.StartupScript](t)(client.StartupScript.Create(ctx, &request))
	check(t, client.StartupScript.Update(ctx, script.ID, &govultr.StartupScriptReq{Name: "t"}))
	equal(t, "name", got[*govultr.StartupScript](t)(client.StartupScript.Get(ctx, script.ID)).Name, "t")
	check(t, client.StartupScript.Delete(ctx, script.ID))
	_, _, err := client.StartupScript.Get(ctx, script.ID)
	refused(t, err, "Invalid startup script ID")
}
