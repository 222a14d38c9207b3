/** Ponder's process ends with this when starting it again cannot help (EX_CONFIG of sysexits.h): it has said what has to be changed. */
export const MISTAKEN = 78
