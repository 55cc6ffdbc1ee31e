/** A program of its own that puts rows of seeds 0 to 19 into a file of measurements, under its own name. */
import { RowStore } from '#features/method-study/row-store.ts';
import { studyRowOf } from './study-row.ts';

const [file = '', name = ''] = process.argv.slice(2);
const store = new RowStore(file);
for (let seed = 0; seed < 20; seed++) await store.put(studyRowOf({ name, seed }));
