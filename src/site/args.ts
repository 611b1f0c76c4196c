import type { CloudName } from "../clouds/cloud.ts";

export interface SiteArgs {
    /** The cloud to stand in. */
    cloud: CloudName;
    /** Region slug of that cloud, such as "fra1". */
    region: string;
    /** Private range of the site's network, /16 to /28, such as "10.20.0.0/20", and no other site's. @default the cloud's choice */
    ipRange?: string;
    /** Addresses and ranges from which SSH is let in; keys only, whatever this says. @default everywhere */
    sshFrom?: string[];
}
