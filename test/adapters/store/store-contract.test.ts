import { describe } from 'vitest';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { itIsAStore } from '#test/support/store-contract.ts';
import { createStoreFixture } from './store-fixture.ts';

describe('the store in SQLite', () => {
  itIsAStore((redactor) => createStoreFixture({ redactor }).store);
});

describe('the store in memory', () => {
  itIsAStore(createMemoryStore);
});
