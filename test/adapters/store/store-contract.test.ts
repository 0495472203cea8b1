import { createMemoryStore } from '#test/support/memory-store.ts';
import { describeStore } from '#test/support/store-contract.ts';
import { createStoreFixture } from './store-fixture.ts';

describeStore('the store in SQLite', (redactor) => createStoreFixture({ redactor }).store);
describeStore('the store in memory', createMemoryStore);
