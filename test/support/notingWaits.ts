import { noteWaits } from "./spending.ts";

noteWaits();
