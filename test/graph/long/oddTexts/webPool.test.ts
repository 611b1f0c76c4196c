import { WebPool } from "../../../../src/index.ts";
import { takeOddTexts } from "../../../support/oddTexts.ts";
import { fullPrograms } from "../../../support/programs.ts";

takeOddTexts(fullPrograms.filter(({ Component }) => Component === WebPool));
