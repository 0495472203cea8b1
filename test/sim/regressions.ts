/**
 * Seeds that found something, and what it was. Each of the first list fails again when its remedy is taken away. A seed
 * means what the generator makes of it: after a change of the generator it is only a seed like any other. So what was
 * found is told by a test of its own, too: test/reconcile/remember.test.ts, and in test/domain
 * rollout-crossed.test.ts, roll-one-by-one.test.ts, plan-handovers.test.ts and plan-set-aside.test.ts.
 */
export const regressions: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 30, found: 'of two that drained, the one that was given up last was removed' },
  { seed: 31, found: 'two that waited for host ports of each other waited for ever' },
  { seed: 84, found: 'what depends on another service was not stopped with it by request' },
  { seed: 3357, found: 'a replica was replaced while another one was half-way to an older version' },
  { seed: 3798, found: 'a replica that served was replaced before one that people had stopped' },
  {
    seed: 14_718,
    found: 'a copy of a candidate blocked one replica, and the next one was replaced beside it',
  },
  { seed: 19_392, found: 'of two that were kept, the one that had ended last was removed' },
];

/** What looked like a fault, and was one of the invariants. */
export const misjudgedSeeds: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 4705, found: 'a project that must not be adopted any more blocks a stop, too' },
  { seed: 8515, found: 'people removed a container while what stood no longer in Git was being stopped' },
  { seed: 15_328, found: "people's copy of a replica waited to take over nothing" },
  { seed: 25_406, found: 'a port was given away by a commit that was not known yet when it calmed down' },
  { seed: 29_513, found: 'people asked for a restart of a container, and gave it another name' },
  { seed: 33_437, found: 'people started a container before it had got its files' },
  { seed: 901_903, found: 'a port was never given up, because nobody starts what people had paused' },
];

/** Of the generator before, and what they found with it. */
export const earlierSeeds: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 2, found: 'what had ended in a restart of the engine was replaced, because hashes had changed' },
  { seed: 901, found: 'a clean end by a restart of the engine put a good version on hold' },
  { seed: 1190, found: 'after the clock was set back, what shares a network was restarted for ever' },
  { seed: 2849, found: 'a clock that was set forward put a good version on hold' },
  {
    seed: 2873,
    found: 'a candidate was raised again under names that services which had come since could find',
  },
  { seed: 11_731, found: 'after the clock was set back, a drain lasted until it had come round again' },
  { seed: 12_897, found: 'an inspection that failed made the replaced container the chosen one' },
  { seed: 14_735, found: 'what had ended before it was replaced kept a policy that raises it' },
  { seed: 20_516, found: 'what still served was stopped to raise the live one beside it' },
  { seed: 22_171, found: 'a dependant did not wait for what was replaced because its image had changed' },
  {
    seed: 32_307,
    found: 'a container that somebody had renamed was removed, because its version was on hold',
  },
  { seed: 33_686, found: 'a port that another container had put a good version on hold' },
  { seed: 38_582, found: 'a container was taken off its network, and putting it back was held back' },
  { seed: 5044, found: 'a replica went back to one that had never run, and had not got its files' },
  { seed: 50_006, found: 'what went back to serving was stopped without a drain when it was replaced again' },
  { seed: 100_309, found: 'a clock that was set forward ended a drain' },
  { seed: 103_128, found: 'of two that drained, the one that had served last was removed' },
];
