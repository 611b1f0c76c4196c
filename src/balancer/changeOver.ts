/** Run when a host's pair changes its engine: visitors go to the other balancer, and the former daemon lets go of the ports. */
export const changeOver = (pair: string, former: string): string =>
    `/usr/local/lib/evenkeel/change-over ${pair} ${former}`;
