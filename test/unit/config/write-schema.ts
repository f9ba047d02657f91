/** Writes what is made from the schema anew, `conf/vipair.schema.json` and `docs/settings.md`: `npm run schema`. */
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { configJsonSchema } from '../../../src/config/json-schema.js';
import { settingsPage } from './settings-page.js';

const path = 'conf/vipair.schema.json';
const style = await resolveConfig(path);
const schema = configJsonSchema();
writeFileSync(path, await format(JSON.stringify(schema), { ...style, filepath: path }));
writeFileSync('docs/settings.md', settingsPage(schema));
