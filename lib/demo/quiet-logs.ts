/**
 * Silences the service's JSON logs, which would otherwise be mixed with what the demo shows. Import this before
 * anything of the service: its logger reads the level when it is loaded. A level that is set already is kept.
 */
process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
