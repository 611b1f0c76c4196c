import { takeOddTexts } from "../support/oddTexts.ts";
import { fullPrograms } from "../support/programs.ts";

/** Each text in some places and each place with some texts; all of them in all places are in long/oddTexts. */
takeOddTexts(fullPrograms, 10);
