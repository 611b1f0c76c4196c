import { aloneRules, hostsRules, hostsShape } from "../hosts/arguments.ts";
import { DEFAULT_HOST_COUNT } from "../hosts/hosts.ts";
import { servicePort } from "../hosts/names.ts";
import { flag, number, object, optional, someOf } from "../hosts/shape.ts";
import { quoted, when } from "../hosts/validation.ts";
import { webPool } from "../web/poolCheck.ts";
import type { PhpPool, SessionStoreArgs } from "./args.ts";

/** Each page writes to all of them. */
const MOST_STORES = 5;

const pool = webPool("hosts", "phpPool", "user");

const pools = someOf<PhpPool>("web pools with PHP", pool, (all, at) =>
    all.flatMap(({ phpPool }, i) =>
        when(
            all.findIndex((each) => each.phpPool === phpPool) < i,
            `${at}[${i}]`,
            `${quoted(phpPool)} stands there twice`,
        ),
    ),
);

/** What can be wrong with a `SessionStore`. */
export const sessionStoreArguments = object<SessionStoreArgs>(
    "a `SessionStoreArgs`",
    {
        ...hostsShape,
        pools,
        memory: optional(number("a number of megabytes", { from: 8, to: 1_000_000 })),
        port: optional(servicePort),
        singlePointOfFailure: optional(flag),
    },
    (args, sound, given) => {
        const { hosts, hostCount, singlePointOfFailure } = args;
        const at = hosts ? "hosts" : "hostCount";
        const size = hosts?.length ?? hostCount ?? DEFAULT_HOST_COUNT;
        return [
            ...hostsRules(args, sound, given),
            ...(sound(at, "singlePointOfFailure")
                ? [
                      ...aloneRules({
                          one: "one store",
                          instead: "two",
                          at,
                          size,
                          isMeant: !!singlePointOfFailure,
                      }),
                      ...when(
                          size > MOST_STORES,
                          at,
                          `a page writes its session to all ${size} stores: use ${MOST_STORES} at most`,
                      ),
                  ]
                : []),
        ];
    },
);
