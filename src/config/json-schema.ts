/** The configuration file's JSON schema, with which editors complete keys and mark mistakes. */
import { editorSchema } from './schema/file.js';

/** Knows every rule but those between fields. `conf/vipair.schema.json` is a copy of it. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return { ...editorSchema(), title: 'vipair configuration' };
}
