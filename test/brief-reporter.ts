/** What failed, a line each, at the very end: the logs of two daemons stand between, and of a long output one reads the end. */
import { relative } from 'node:path';
import process from 'node:process';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/** Of a message with the ends of logs below it. */
const MESSAGE_LENGTH = 200;

/** What is needed of an error. */
interface Failure {
  readonly message: string;
  readonly stacks?: readonly { readonly file: string; readonly line: number }[] | undefined;
}

/** Also names what passed at its second try: that is no failure, and somebody should know. */
export class BriefReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const lines = [...modules.flatMap(linesOf), ...unhandled.map((error) => inOneLine(error))];
    if (lines.length > 0) {
      process.stderr.write(`\nIn short:\n${lines.map((line) => `  ${line}\n`).join('')}`);
    }
  }
}

function linesOf(module: TestModule): readonly string[] {
  const whole = [module, ...module.children.allSuites()].flatMap((each) =>
    each.errors().map((error) => `failed: ${module.relativeModuleId}: ${inOneLine(error)}`),
  );
  const single = [...module.children.allTests()].flatMap((test) => {
    const { state, errors } = test.result();
    const how = state === 'passed' ? 'passed at another try' : state;
    const where = `${module.relativeModuleId} > ${test.fullName}`;
    return (errors ?? []).map((error) => `${how}: ${where}: ${inOneLine(error)}`);
  });
  return [...whole, ...single];
}

/** Where in the tests it was noticed says more than the helper that threw. */
function inOneLine({ message, stacks = [] }: Failure): string {
  const [first = ''] = message.split('\n');
  const frame = stacks.findLast(({ file }) => file.includes('/test/'));
  const place =
    frame === undefined ? '' : ` (${relative(process.cwd(), frame.file)}:${String(frame.line)})`;
  return `${first.slice(0, MESSAGE_LENGTH)}${place}`;
}
