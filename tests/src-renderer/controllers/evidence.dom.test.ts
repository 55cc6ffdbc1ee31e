/** Working through a case: the long list, choosing in it, taking edits back, and pictures on their way to the host. */
import { describe, expect, test, vi } from 'vitest';
import { AppError } from '#contract/errors.ts';
import type { EvidenceItem, UploadedEvidence } from '#contract/evidence.ts';
import { CaseController, type EvidenceQuestion } from '#renderer/controllers/case.svelte.ts';
import { ListPages } from '#renderer/controllers/list-pages.svelte.ts';
import { Selection } from '#renderer/controllers/selection.svelte.ts';
import { UndoStack } from '#renderer/controllers/undo-stack.svelte.ts';
import { UploadQueue } from '#renderer/controllers/upload-queue.svelte.ts';
import { Connection } from '#renderer/lib/connection.svelte.ts';
import { evidenceExample } from '../examples.ts';
import { settle, standInClient } from '../stand-in-client.ts';

const question = { caseId: 'c1', sort: 'taken', descending: false } as const;

describe('the long list of a case', () => {
  /** A host with `total` items that notes which pages it was asked for. */
  function host(total: number) {
    const asked: number[] = [];
    const items = ({ offset = 0, limit = 100 }: { offset?: number; limit?: number }) => {
      asked.push(offset);
      const length = Math.max(0, Math.min(limit, total - offset));
      const page = Array.from({ length }, (_, i) => evidenceExample({ id: `e${offset + i}` }));
      return Promise.resolve({ items: page, total });
    };
    return { asked, pages: new ListPages<EvidenceItem, EvidenceQuestion>(items) };
  }

  test('reads only the pages on screen, each once', async () => {
    const { asked, pages } = host(100_000);
    pages.ask(question);
    await settle();
    pages.need(0, 30);
    pages.need(99_990, 99_999);
    await settle();
    pages.need(99_900, 99_999);
    await settle();
    expect(asked).toEqual([0, 99_800]);
    expect([pages.total, pages.at(99_999)?.id, pages.at(500)]).toEqual([100_000, 'e99999', undefined]);
  });

  test('keeps what it shows while it reads it again, and forgets it for another question', async () => {
    const { pages } = host(3);
    pages.ask(question);
    await settle();
    pages.refresh();
    expect(pages.at(2)?.id).toBe('e2');
    pages.ask({ ...question, text: 'boat' });
    expect([pages.at(2), pages.total]).toEqual([undefined, null]);
  });

  test('a range reaches over pages that were never on screen, and ends where a selection does', async () => {
    const { pages } = host(25_000);
    pages.ask(question);
    await settle();
    expect(await pages.idsBetween(150, 420)).toHaveLength(271);
    expect(await pages.idsBetween(0, 24_999)).toHaveLength(10_000);
  });
});

describe('choosing', () => {
  const layout = { total: 10, columns: 3, rows: 2 };
  test('keys lead over rows and columns and stop at the ends', () => {
    const selection = new Selection(() => Promise.resolve([]));
    expect(selection.target('below', layout)).toBe(0);
    selection.only(4, 'e4');
    expect(selection.target('below', layout)).toBe(7);
    expect(selection.target('above', layout)).toBe(1);
    expect(selection.target('page-down', layout)).toBe(9);
    expect(selection.target('previous', layout)).toBe(3);
  });

  test('a range goes from the last choice to where Shift leads, either way', async () => {
    const asked: [number, number][] = [];
    const selection = new Selection((first, last) => {
      asked.push([first, last]);
      return Promise.resolve(['a', 'b']);
    });
    selection.only(4, 'e4');
    await selection.extend(6);
    await selection.extend(2);
    expect(asked).toEqual([
      [4, 6],
      [2, 4],
    ]);
    expect(selection.chosen).toEqual(['a', 'b']);
  });
});

describe('edits', () => {
  test('an edit that failed is neither kept nor taken back', async () => {
    const undo = new UndoStack();
    const fail = () => Promise.reject(new Error('full'));
    await expect(undo.make({ act: fail, revert: fail })).rejects.toThrow('full');
    expect(undo.done).toEqual([]);
    await undo.make({ act: () => Promise.resolve(), revert: fail });
    await expect(undo.undo()).rejects.toThrow('full');
    expect([undo.done.length, undo.undone.length, undo.busy]).toEqual([1, 0, false]);
  });

  test('an edit that is made while another is under way waits for its turn and is not lost', async () => {
    const undo = new UndoStack();
    const gate = Promise.withResolvers<void>();
    const made: string[] = [];
    const edit = (name: string, wait: Promise<void>) => ({
      act: async () => {
        await wait;
        made.push(name);
      },
      revert: () => Promise.resolve(void made.push(`not ${name}`)),
    });
    const both = [undo.make(edit('a', gate.promise)), undo.make(edit('b', Promise.resolve())), undo.undo()];
    gate.resolve();
    await Promise.all(both);
    expect(made).toEqual(['a', 'b', 'not b']);
    expect([undo.done.length, undo.undone.length]).toEqual([1, 1]);
  });

  test('an edit that a toast names is taken back once, and not under a later one', async () => {
    const undo = new UndoStack();
    const reverted: string[] = [];
    const edit = (name: string) => ({
      act: () => Promise.resolve(),
      revert: () => Promise.resolve(void reverted.push(name)),
    });
    const [first, second] = [edit('first'), edit('second')];
    await undo.make(first);
    await undo.make(second);
    expect(await undo.takeBack(first)).toBe(false);
    expect(await undo.takeBack(second)).toBe(true);
    expect(await undo.takeBack(second)).toBe(false);
    expect(await undo.takeBack(first)).toBe(true);
    expect(reverted).toEqual(['second', 'first']);
    expect(undo.undone).toEqual([second, first]);
  });

  test('taking a tag back leaves it on the pictures that had it before', async () => {
    const edits: unknown[] = [];
    const items: EvidenceItem[] = [
      evidenceExample({ id: 'a' }),
      evidenceExample({ id: 'b', tags: ['boat'] }),
    ];
    const client = standInClient({
      evidence: {
        get: ({ id }) =>
          Promise.resolve({ item: items.find((one) => one.id === id)!, derived: [], verdicts: [] }),
        edit: (edit) => {
          edits.push(edit);
          return Promise.resolve({ changed: 1 });
        },
      },
    });
    const controller = new CaseController(client, 'c1');
    expect(await controller.tag(['a', 'b'], 'add', 'boat')).toBe(1);
    await controller.undo.undo();
    expect(edits).toEqual([
      { ids: ['a'], addTags: ['boat'] },
      { ids: ['a'], removeTags: ['boat'] },
    ]);
  });
});

describe('dropped pictures', () => {
  const file = (name: string) => new File(['x'], name);
  const answer = (over: Partial<UploadedEvidence> = {}): UploadedEvidence => ({
    item: evidenceExample(),
    duplicate: false,
    ...over,
  });

  test('wait for a lost connection and are sent again; one that had arrived counts once', async () => {
    vi.useFakeTimers();
    try {
      const connection = new Connection();
      connection.follow('open');
      const sent: string[] = [];
      const queue = new UploadQueue(
        'c1',
        (_, name) => {
          sent.push(name);
          if (sent.length === 1) {
            connection.follow('connecting');
            return Promise.reject(new AppError('connection_lost', 'gone'));
          }
          return Promise.resolve(answer({ duplicate: true, item: evidenceExample({ takenAt: Date.now() }) }));
        },
        connection,
      );
      await queue.add([file('a.jpg')]);
      await vi.advanceTimersByTimeAsync(2000);
      expect([sent, queue.waiting, queue.added]).toEqual([['a.jpg'], 1, 0]);
      connection.follow('open');
      queue.proceed();
      await vi.advanceTimersByTimeAsync(2000);
      expect([sent.length, queue.added, queue.duplicates.length, queue.active]).toEqual([2, 1, 0, false]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('are named with the reason where they are refused, and the others go on', async () => {
    const connection = new Connection();
    connection.follow('open');
    const queue = new UploadQueue(
      'c1',
      (_, name) =>
        name === 'b.txt'
          ? Promise.reject(new AppError('not_an_image', 'b.txt is not a picture.'))
          : Promise.resolve(answer()),
      connection,
    );
    await queue.add([file('a.jpg'), file('b.txt'), file('c.jpg')]);
    await settle();
    expect([queue.added, queue.sent]).toEqual([2, 3]);
    expect(queue.refused).toMatchObject([{ path: 'b.txt', error: { code: 'not_an_image' } }]);
  });

  test('stand still while the queue is paused', async () => {
    const connection = new Connection();
    connection.follow('open');
    const queue = new UploadQueue('c1', () => Promise.resolve(answer()), connection);
    queue.pause();
    await queue.add([file('a.jpg')]);
    await settle();
    expect([queue.waiting, queue.added]).toEqual([1, 0]);
    queue.resume();
    await settle();
    expect([queue.waiting, queue.added]).toEqual([0, 1]);
  });
});
