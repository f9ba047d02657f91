/** JUnit's form of a report; the golden text is looked at when it changes. */
import { describe, expect, it } from 'vitest';
import { junitOf } from '../../../src/drill/render/junit.js';
import { FAILED, PASSED, STOPPED } from './sample-reports.js';

describe('reports as JUnit XML', () => {
  it('a run of three: what missed is a failure, what stopped an error', async () => {
    await expect(junitOf([PASSED, FAILED, STOPPED], 'weekly')).toMatchFileSnapshot(
      'golden/weekly.xml',
    );
  });

  it('a run of none is a suite without cases', () => {
    expect(junitOf([], 'weekly')).toContain('tests="0" failures="0" errors="0"');
  });

  it('what may not stand in XML does not', () => {
    const text = junitOf([{ ...FAILED, why: ['\u001B[31m]]> <&"\uD800'] }], 'a "b" <c>');
    expect(text).toContain('message="\u{FFFD}[31m]]&gt; &lt;&amp;&quot;\u{FFFD}"');
    expect(text).toContain('name="a &quot;b&quot; &lt;c&gt;"');
  });
});
