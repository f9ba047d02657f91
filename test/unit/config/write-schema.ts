/** Writes `conf/vipair.schema.json` anew: `npx tsx test/unit/config/write-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { configJsonSchema } from '../../../src/config/json-schema.js';

const path = 'conf/vipair.schema.json';
const style = await resolveConfig(path);
const text = await format(JSON.stringify(configJsonSchema()), { ...style, filepath: path });
writeFileSync(path, text);
