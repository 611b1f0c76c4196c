import { replicatedFailures } from "../../faults/replicatedFailures.ts";
import { testFailures } from "../../faults/writerFailures.ts";
import { sharedReplicated } from "../../support/shared.ts";

const db = await sharedReplicated();

testFailures(
    db,
    replicatedFailures(db).filter(({ sampled }) => sampled),
);
