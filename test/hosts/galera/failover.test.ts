import { galeraFailures } from "../../faults/galeraFailures.ts";
import { testFailures } from "../../faults/writerFailures.ts";
import { sharedGalera } from "../../support/shared.ts";

testFailures(
    await sharedGalera(),
    galeraFailures.filter(({ sampled }) => sampled),
);
