/** Two drills beside each other for a terminal: what got worse, and all figures. */
import { unreachable } from '../../base/unreachable.js';
import type {
  Change,
  ComparedAudit,
  ComparedFigure,
  DrillComparison,
} from '../../drill/compare.js';
import { figureText } from '../../drill/compare.js';
import { NOTHING, wallText } from '../../drill/render/words.js';
import { bad, doubtful, good, strong } from '../paint.js';
import { renderTable } from '../table.js';
import { paintVerdict } from './report-text.js';
import { wrapped } from './wrapped.js';

const WIDTH = 96;
const NOT_LOOKED_AT = 'not looked at';

export function renderComparison(comparison: DrillComparison): string {
  const { figures, audits, worse, caveats } = comparison;
  const parts = [
    sides(comparison),
    renderTable(['figures', 'before', 'now', 'ratio', ''], figures.map(figureRow)),
    audits.length === 0
      ? ''
      : renderTable(['audits that differ', 'before', 'now', ''], audits.map(auditRow)),
    caveats.map((each) => doubtful(wrapped(each, WIDTH))).join('\n'),
    worse.length === 0
      ? good('Nothing got worse.')
      : [strong('Worse'), ...worse.map((each) => bad(wrapped(each, WIDTH)))].join('\n'),
  ];
  return parts.filter((each) => each !== '').join('\n\n');
}

function sides({ before, after }: DrillComparison): string {
  return renderTable(
    ['', 'when (UTC)', 'drill', 'on', 'verdict', 'vipair', 'report'],
    [
      { name: 'before', side: before },
      { name: 'now', side: after },
    ].map(({ name, side }) => [
      ...[name, wallText(side.startedAt), side.drill, side.target, paintVerdict(side.verdict)],
      ...[side.release, side.id],
    ]),
  );
}

function figureRow({ name, key, before, after, ratio, change }: ComparedFigure): readonly string[] {
  return [
    ...[name, figureText(key, before), figureText(key, after)],
    ratio === undefined ? NOTHING : ratio.toFixed(2),
    paintChange(change),
  ];
}

function auditRow({ name, before, after, change }: ComparedAudit): readonly string[] {
  return [name, before ?? NOT_LOOKED_AT, after ?? NOT_LOOKED_AT, paintChange(change)];
}

function paintChange(change: Change): string {
  switch (change) {
    case 'better':
      return good(change);
    case 'worse':
      return bad(change);
    case 'same':
      return '';
    case 'unknown':
      return doubtful('cannot be compared');
    default:
      return unreachable(change);
  }
}
