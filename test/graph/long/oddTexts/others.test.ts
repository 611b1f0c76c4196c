import { LoadBalancerPair, WebPool } from "../../../../src/index.ts";
import { takeOddTexts } from "../../../support/oddTexts.ts";
import { fullPrograms } from "../../../support/programs.ts";

/** Those that have files of their own, which run beside this one. */
const elsewhere: unknown[] = [WebPool, LoadBalancerPair];

takeOddTexts(fullPrograms.filter(({ Component }) => !elsewhere.includes(Component)));
