import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../../src/config/json-schema.js';
import { settingsPage } from './settings-page.js';

describe('the schema for editors', () => {
  it('is the one in conf; `npx tsx test/unit/config/write-schema.ts` writes it anew', () => {
    expect(JSON.parse(readFileSync('conf/vipair.schema.json', 'utf8'))).toEqual(configJsonSchema());
  });

  it('is what the page about settings is made of; the same command writes it anew', () => {
    expect(readFileSync('docs/settings.md', 'utf8')).toBe(settingsPage(configJsonSchema()));
  });

  it('describes every key', () => {
    expect(undescribed(configJsonSchema(), 'file')).toEqual([]);
  });
});

/** The keys of a schema, and of those below it, that have no description. */
function undescribed(schema: unknown, path: string): readonly string[] {
  const {
    properties = {},
    items,
    additionalProperties,
  } = schema as {
    readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
    readonly items?: unknown;
    readonly additionalProperties?: unknown;
  };
  const below = [items, additionalProperties].filter((each) => typeof each === 'object');
  return [
    ...Object.entries(properties).flatMap(([key, property]) => [
      ...(property.description === undefined ? [`${path}.${key}`] : []),
      ...undescribed(property, `${path}.${key}`),
    ]),
    ...below.flatMap((each) => undescribed(each, `${path}[]`)),
  ];
}
