/** `notify` and its kin as hooks. Hooks are told of every group, so that only what all groups have in common is one. */
import { fileAndArguments, isAbsolutePath } from './command.js';
import type { Globals } from './global-defs.js';
import type { GroupPlan } from './group-plan.js';
import type { Statement } from './keepalived/statements.js';
import type { Remarks, Said } from './remark.js';
import { userOf } from './tracked.js';
import type { YamlMap } from './yaml-text.js';
import { entry, mapOf } from './yaml-text.js';

/** Those of all groups of a node, in the order of the file. */
export function planHooks(
  groups: readonly GroupPlan[],
  globals: Globals,
  remarks: Remarks,
): readonly YamlMap[] {
  const wishes = groups.flatMap((group) => wishesOf(group, remarks));
  const hooks = new Map<string, YamlMap>();
  const askersOf = new Map<string, Set<GroupPlan>>();
  for (const { key, group } of wishes) {
    askersOf.set(key, (askersOf.get(key) ?? new Set()).add(group));
  }
  for (const wish of wishes) {
    const askers = askersOf.get(wish.key) ?? new Set();
    const say = remarks.of(wish.subject);
    if (askers.size < groups.length) {
      say(
        'lost',
        wish.statement,
        `hooks are told of every group, and this script is for ${wish.group.source} only: write one that looks at VIPAIR_GROUP (docs/migrating.md)`,
      );
    } else if (!hooks.has(wish.key) && hooks.size >= MOST_HOOKS) {
      say('lost', wish.statement, `there are ${String(MOST_HOOKS)} hooks at the most`);
    } else {
      sayOfHook(wish, say);
      hooks.set(wish.key, hooks.get(wish.key) ?? hookOf(wish, globals, say));
    }
  }
  return [...hooks.values()];
}
const MOST_HOOKS = 16;

interface Wish {
  readonly group: GroupPlan;
  readonly subject: string;
  readonly statement: Statement;
  readonly run: string;
  readonly on: readonly string[];
  readonly arguments: 'keepalived' | 'keepalived-group';
  /** Of keepalived's own words. */
  readonly told: 'name and state' | 'nothing';
  /** The same for the same hook. */
  readonly key: string;
}

function wishesOf(group: GroupPlan, remarks: Remarks): readonly Wish[] {
  const { from } = group;
  const own = from.notify.flatMap((statement) =>
    wishOf({ group, subject: from.name, statement, of: from.kind }, remarks),
  );
  const inside = from.kind === 'sync group' ? from.members : [];
  const ofMembers = inside.flatMap((member) =>
    member.notify.flatMap((statement) => {
      if (from.members.length > 1) {
        remarks.of(member.name)(
          'lost',
          statement,
          'instances of a sync group move as one, and are told of as one group',
        );
        return [];
      }
      return wishOf({ group, subject: member.name, statement, of: 'instance' }, remarks);
    }),
  );
  return [...own, ...ofMembers];
}

function wishOf(
  {
    group,
    subject,
    statement,
    of,
  }: Pick<Wish, 'group' | 'subject' | 'statement'> & { readonly of: 'sync group' | 'instance' },
  remarks: Remarks,
): readonly Wish[] {
  const [keyword = '', word = ''] = statement.words;
  const { path, args } = fileAndArguments(word);
  const say = remarks.of(subject);
  if (args.length > 0) {
    say(
      'lost',
      statement,
      'a hook has no arguments of its own: write a script of one line that runs it with them (docs/migrating.md)',
    );
    return [];
  }
  if (!isAbsolutePath(path)) {
    say('lost', statement, 'a hook is named by its absolute path');
    return [];
  }
  const all =
    of === 'instance' ? ['master', 'backup', 'fault', 'stopped'] : ['master', 'backup', 'fault'];
  const on = ROLES.get(keyword);
  const told = on === undefined ? 'name and state' : 'nothing';
  const form = of === 'instance' ? 'keepalived' : 'keepalived-group';
  const key = [path, (on ?? all).join(' '), form].join('\u0000');
  return [{ group, subject, statement, run: path, on: on ?? all, arguments: form, told, key }];
}

const ROLES: ReadonlyMap<string, readonly string[]> = new Map([
  ['notify_master', ['master']],
  ['notify_backup', ['backup']],
  ['notify_fault', ['fault']],
  ['notify_stop', ['stopped']],
]);

function sayOfHook({ told, statement, group, subject }: Wish, say: Said): void {
  if (told === 'nothing') {
    say(
      'differs',
      statement,
      'four words follow its name, such as INSTANCE web MASTER 254; keepalived gives it none',
    );
  } else if (group.name !== subject) {
    say('differs', statement, `it is told ${group.name} where keepalived says ${subject}`);
  }
}

function hookOf(wish: Wish, { scriptUser }: Globals, say: Said): YamlMap {
  return mapOf(
    entry('run', wish.run),
    entry('on', wish.on),
    entry('arguments', wish.arguments),
    ...userOf(wish.statement, wish.statement.words[2] ?? scriptUser, say),
  );
}
