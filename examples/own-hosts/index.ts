import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const config = new pulumi.Config();

/** One machine, as the stack's configuration lists them under `hosts`. */
interface Machine {
    name: string;
    /** Its address on the network that the machines share. */
    address: string;
    /** Where SSH reaches it from here. @default its address */
    ssh?: string;
    /** The line in its /etc/ssh/ssh_host_ed25519_key.pub: any other key is refused. */
    hostKey: string;
}

const hosts = config.requireObject<Machine[]>("hosts").map(({ name, address, ssh, hostKey }) => ({
    name,
    privateAddress: address,
    connection: {
        host: ssh ?? address,
        privateKey: config.requireSecret("sshKey"),
        hostKey,
        dialErrorLimit: 5,
    },
}));

const web = new evenkeel.WebPool("web", {
    hosts,
    files: { "index.html": "<!doctype html>\n<h1>Hello from my own hosts</h1>\n" },
});

// The balancers stand on the first two web hosts; VRRP carries the address between them.
const lb = new evenkeel.LoadBalancerPair("lb", {
    hosts: web.hosts.slice(0, 2),
    http: [{ backends: web.hosts }],
    virtualAddress: config.require("virtualAddress"),
});

export const url = lb.url;
