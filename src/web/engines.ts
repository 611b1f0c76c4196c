import { apache } from "./apache.ts";
import { EngineName, type WebEngine } from "./engine.ts";
import { nginx } from "./nginx.ts";

const engines: Record<EngineName, WebEngine> = { nginx, apache };

export const engineOf = (engine: EngineName = EngineName.Nginx): WebEngine => engines[engine];
