/** Everything that one node's keepalived.conf asks for. */
import type { GroupPlan } from './group-plan.js';
import { planGroup } from './group-plan.js';
import { readGlobals, verdictOnTop } from './global-defs.js';
import { movingTogether } from './groups.js';
import { planHooks } from './hooks.js';
import { readInstance } from './read-instance.js';
import { NO_MAIL, UNKNOWN } from './instance-keywords.js';
import type { Parsed } from './keepalived/parse.js';
import type { Statement } from './keepalived/statements.js';
import type { Planning } from './planning.js';
import type { Remark } from './remark.js';
import { Remarks, syntaxRemark } from './remark.js';
import { definesTracked, readDefinitions } from './tracked.js';
import type { YamlMap } from './yaml-text.js';

export interface NodePlan {
  readonly routerId: string | undefined;
  readonly groups: readonly GroupPlan[];
  readonly hooks: readonly YamlMap[];
  readonly remarks: readonly Remark[];
}

export function planNode({ statements, problems }: Parsed): NodePlan {
  const remarks = new Remarks();
  for (const problem of problems) {
    remarks.add(syntaxRemark(problem));
  }
  const blocks = (keyword: string): readonly Statement[] =>
    statements.filter(({ words }) => words[0] === keyword);
  const globals = readGlobals(blocks('global_defs'), remarks.of('global_defs'));
  sayOfTop(statements, remarks);
  const definitions = readDefinitions(statements, globals, remarks);
  const instances = blocks('vrrp_instance').map((statement) =>
    readInstance(statement, {
      globals,
      definitions,
      say: remarks.of(statement.words[1] ?? 'vrrp_instance'),
    }),
  );
  const together = movingTogether(blocks('vrrp_sync_group'), instances, { definitions, remarks });
  const planning: Planning = {
    globals,
    remarks,
    names: new Set(),
    routers: new Set(),
    addresses: new Set(),
  };
  const groups: GroupPlan[] = [];
  for (const from of together) {
    if (groups.length >= MOST_GROUPS) {
      remarks.of(from.name)(
        'lost',
        from.statement,
        `a pair has ${String(MOST_GROUPS)} groups at the most`,
      );
    } else {
      groups.push(...[planGroup(from, planning)].flatMap((each) => each ?? []));
    }
  }
  const mailed = statements
    .flatMap(({ block = [] }) => block)
    .find(({ words }) => /^smtp_alert(?:_vrrp)?$/u.test(words[0] ?? ''));
  if (globals.mail === 'sent' && mailed !== undefined && instances.length > 0) {
    remarks.of('global_defs')('lost', mailed, NO_MAIL);
  }
  return {
    routerId: globals.routerId,
    groups,
    hooks: planHooks(groups, globals, remarks),
    remarks: remarks.all,
  };
}
const MOST_GROUPS = 16;

/** On what is none of the blocks that are read. */
function sayOfTop(statements: readonly Statement[], remarks: Remarks): void {
  for (const statement of statements) {
    const keyword = statement.words[0] ?? '';
    const verdict = verdictOnTop(statement);
    if (verdict !== undefined) {
      remarks.of(keyword)(verdict[0], statement, verdict[1]);
    } else if (!READ.has(keyword) && !definesTracked(keyword)) {
      remarks.of(keyword)('lost', statement, UNKNOWN);
    }
  }
}
const READ: ReadonlySet<string> = new Set(['global_defs', 'vrrp_instance', 'vrrp_sync_group']);
