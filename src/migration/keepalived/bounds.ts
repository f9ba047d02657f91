/** How much of a keepalived.conf is read, so that no text can keep the importer busy for long or fill the memory. */

/** Of one file; the largest configurations that people generate have a few hundred kilobytes. */
export const MAX_FILE_CHARACTERS: number = 1024 * 1024;
/** Of one line, also after its parameters were put in. */
export const MAX_LINE_CHARACTERS = 4096;
/** Of all files together, as `include` names them. */
export const MAX_FILES = 64;
/** How deep files include one another. */
export const MAX_INCLUDE_DEPTH = 8;
/** Lines after parameters, sequences and included files were put in. */
export const MAX_EXPANDED_LINES = 50_000;
/** How deep definitions of several lines and sequences nest. */
export const MAX_EXPANSION_DEPTH = 32;
/** Parameters that are put into one line, those in their values included. */
export const MAX_SUBSTITUTIONS = 200;
/** Blocks within blocks; keepalived itself has five levels. */
export const MAX_BLOCK_DEPTH = 16;
/** Problems that are told; what follows is counted. */
export const MAX_PARSE_PROBLEMS = 50;
