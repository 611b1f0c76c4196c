/** The one that the programs for hosts name in their first line, whatever this machine's search path finds first: a version manager's takes ten times as long to start. */
export const PYTHON = "/usr/bin/python3";
