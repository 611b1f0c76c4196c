/** Both engines go by points: a host's place in the list, who has the address, what a host misses. Places leave room for the rest. */
export const MOST_BALANCERS = 12;
/** Points that places in the list are apart: backups do not take over in the same moment. */
export const STEP = 3;
/** Points for who has the address: more than the best place is worth, so it stays where it is. */
export const STANDING = STEP * (MOST_BALANCERS - 1) + 1;
/** Points for who stays alone: it takes the address from one that leaves, whatever that one's place. */
export const TAKING = STANDING + 1;
/** Points that a watch takes away: more than place and standing are worth together. */
export const MISSING = 2 * STANDING;
