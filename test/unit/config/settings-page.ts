/** The page about every setting, made of the configuration's schema: `docs/settings.md` is a copy of it. */

/** What the page needs of a JSON schema. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  /** What a text must be like, where that is more than a pattern. */
  readonly $comment?: string;
}

interface Row {
  readonly path: string;
  readonly schema: Schema;
  readonly need: 'needed' | 'optional';
}

const HEAD = `# Settings

Every key of \`vipair.yaml\`, in the order of the file. Made from the schema that \`vipair check\` reads it with; rules between keys, which \`check\` knows too, are not here. \`[]\` stands for
each item of a list, \`NAME\` for a name of your own. Durations carry their unit: \`100ms\`, \`1s\`, \`1.5s\`, \`2m\`. A whole file with comments is
[conf/vipair.yaml](../conf/vipair.yaml).
`;

/** The whole page, in Markdown. */
export function settingsPage(schema: Readonly<Record<string, unknown>>): string {
  const { properties = {}, required = [] } = schema as Schema;
  const sections = Object.entries(properties).map(([key, each]) => {
    const rows = rowsBelow(key, each).map(tableRow);
    const need = required.includes(key) ? 'Needed.' : 'Optional.';
    return [
      `## ${key}`,
      `${each.description ?? ''} ${need}`.trim(),
      ['| key | what | value | default |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    ].join('\n\n');
  });
  return `${[HEAD.trimEnd(), ...sections].join('\n\n')}\n`;
}

/** All keys below a value. */
function rowsBelow(path: string, schema: Schema): readonly Row[] {
  const {
    properties = {},
    required = [],
    additionalProperties: others,
    items,
    anyOf = [],
  } = schema;
  const rows = [
    ...Object.entries(properties).flatMap(([key, each]) => {
      const own = `${path}.${key}`;
      const need = required.includes(key) ? 'needed' : 'optional';
      return [{ path: own, schema: each, need } as const, ...rowsBelow(own, each)];
    }),
    ...(typeof others === 'object' ? rowsBelow(`${path}.NAME`, others) : []),
    ...(items === undefined ? [] : rowsBelow(`${path}[]`, items)),
    ...anyOf.flatMap((each) => rowsBelow(path, each)),
  ];
  // Alternatives share keys.
  return rows.filter((row, at) => rows.findIndex((each) => each.path === row.path) === at);
}

function tableRow({ path, schema, need }: Row): string {
  const standard =
    schema.default === undefined ? (need === 'needed' ? 'needed' : '–') : code(schema.default);
  const cells = [code(path), schema.description ?? '', valueOf(schema), standard];
  return `| ${cells.map((each) => each.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Which values there can be, in words. */
function valueOf(schema: Schema): string {
  if (schema.$comment !== undefined) {
    return schema.$comment;
  }
  if (schema.anyOf !== undefined) {
    return [...new Set(schema.anyOf.map(valueOf))].join(', or ');
  }
  if (schema.const !== undefined) {
    return code(schema.const);
  }
  if (schema.enum !== undefined) {
    return schema.enum.map(code).join(', ');
  }
  switch (schema.type) {
    case 'integer':
    case 'number':
      return `${String(schema.minimum ?? '')} to ${String(schema.maximum ?? '')}`;
    case 'boolean':
      return '`true` or `false`';
    case 'array':
      return `a list of ${String(schema.minItems ?? 0)} to ${String(schema.maxItems ?? 0)}`;
    case 'object':
      return schema.properties === undefined ? 'a mapping by name' : 'a mapping';
    default:
      return 'a text';
  }
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
