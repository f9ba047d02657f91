/** Which instances move together: each `vrrp_sync_group` is a group of ours, and so is every instance that is in none. */
import type { Instance } from './instance.js';
import { NO_MAIL, UNKNOWN } from './instance-keywords.js';
import type { Statement } from './keepalived/statements.js';
import { isOn } from './quantity.js';
import type { Remarks, Said } from './remark.js';
import type { TrackDefinitions, Tracked } from './tracked.js';
import { readTrackList } from './tracked.js';

export interface MovingTogether {
  /** As keepalived calls the sync group, or the instance where there is none. */
  readonly name: string;
  readonly statement: Statement;
  readonly kind: 'sync group' | 'instance';
  /** At least one. */
  readonly members: readonly Instance[];
  readonly tracked: readonly Tracked[];
  readonly notify: readonly Statement[];
}

export function movingTogether(
  syncGroups: readonly Statement[],
  instances: readonly Instance[],
  read: { readonly definitions: TrackDefinitions; readonly remarks: Remarks },
): readonly MovingTogether[] {
  const taken = new Set<Instance>();
  const named = new Map(instances.map((each) => [each.name, each]));
  const synchronized = syncGroups.flatMap((statement) => {
    const name = statement.words[1] ?? 'vrrp_sync_group';
    const say = read.remarks.of(name);
    const members = membersOf(statement, named, say).filter((each) => !taken.has(each));
    for (const each of members) {
      taken.add(each);
    }
    const rest = settingsOf(statement, read.definitions, say);
    const [first] = members;
    if (first === undefined) {
      say('lost', statement, 'none of its instances can be carried over');
      return [];
    }
    const tracked = [
      ...rest.tracked,
      ...members.flatMap((each) => trackedBy(each, rest.weights, read.remarks.of(each.name))),
    ];
    return [
      { name, statement, kind: 'sync group' as const, members, tracked, notify: rest.notify },
    ];
  });
  const alone = instances
    .filter((each) => !taken.has(each))
    .map((each) => ({
      name: each.name,
      statement: each.statement,
      kind: 'instance' as const,
      members: [each],
      tracked: each.tracked,
      notify: each.notify,
    }));
  return [...synchronized, ...alone];
}

/** Those in its `group { … }`, and those that old files name without it. */
function membersOf(
  { block = [] }: Statement,
  instances: ReadonlyMap<string, Instance>,
  say: Said,
): readonly Instance[] {
  const listed = block
    .filter(({ words }) => words[0] === 'group')
    .flatMap((each) => each.block ?? []);
  const bare = block.filter(
    ({ words, block: inner }) =>
      inner === undefined && words.length === 1 && instances.has(words[0] ?? ''),
  );
  const members = [...listed, ...bare].flatMap((statement) =>
    statement.words.flatMap((word) => {
      const member = instances.get(word);
      if (member === undefined) {
        say('lost', statement, 'no instance of that name can be carried over');
      }
      return member === undefined ? [] : [member];
    }),
  );
  return [...new Set(members)];
}

interface GroupSettings {
  readonly tracked: readonly Tracked[];
  readonly notify: readonly Statement[];
  /** Whether weights of its members count (keepalived.conf(5), VRRP synchronization group). */
  readonly weights: 'count' | 'are zero';
}

function settingsOf(statement: Statement, definitions: TrackDefinitions, say: Said): GroupSettings {
  const tracked: Tracked[] = [];
  const notify: Statement[] = [];
  let weights: GroupSettings['weights'] = 'are zero';
  for (const each of statement.block ?? []) {
    const keyword = each.words[0] ?? '';
    if (/^track_(?:interface|script|process|file|bfd)$/u.test(keyword)) {
      tracked.push(...readTrackList(each, definitions, say));
    } else if (/^notify(?:_master|_backup|_fault|_stop)?$/u.test(keyword)) {
      notify.push(each);
    } else if (keyword === 'sync_group_tracking_weight' || keyword === 'global_tracking') {
      weights = 'count';
    } else {
      sayOfUnread(each, say);
    }
  }
  return { tracked, notify, weights };
}

function sayOfUnread(statement: Statement, say: Said): void {
  const keyword = statement.words[0] ?? '';
  if (keyword === 'smtp_alert') {
    say(isOn(statement) ? 'lost' : 'needless', statement, NO_MAIL);
  } else if (/^notify_(?:deleted|priority_changes)$/u.test(keyword)) {
    say('lost', statement, 'hooks are told of master, backup, fault and stopped only');
  } else if (keyword !== 'group' && statement.words.length > 1) {
    say('lost', statement, UNKNOWN);
  }
}

function trackedBy(
  { tracked }: Instance,
  weights: GroupSettings['weights'],
  say: Said,
): readonly Tracked[] {
  return tracked.map((each) => {
    if (weights === 'count' || each.weight === 0) {
      return each;
    }
    say(
      'guessed',
      each.statement,
      'a fault: keepalived takes weights of members of a sync group for 0',
    );
    return { ...each, weight: 0 };
  });
}
