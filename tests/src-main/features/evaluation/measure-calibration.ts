/**
 * By hand: calibrates an exported model on half of a folder of photographs and checks the ratios on the other half.
 *
 *     node tests/src-main/features/evaluation/measure-calibration.ts MODEL.onnx FOLDER [MOST]
 *
 * The photographs must be unknown to the model. Prints, for each compression tier, what the held-out ratios cost, the least
 * that they could cost, and the verdicts; MOST bounds the number of photographs.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodePhotograph } from '#compute/decoding/decode-photograph.ts';
import { judgeForgeries } from '#compute/trainer/judge-validation.ts';
import { calibrateModel } from '#compute/trainer/validate-detector.ts';
import { Random } from '#engine/random.ts';
import { state } from '#features/calibration/state.ts';
import { checkItems } from '#features/evaluation/held-out-check.ts';
import { openDetector } from '#inference/detector-session.ts';

const [model, folder, most] = process.argv.slice(2);
if (model === undefined || folder === undefined) throw new Error('Name a model and a folder of photographs.');
const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png)$/i.test(name)).sort();
const chosen = names.slice(0, most === undefined ? names.length : Number(most));
const detector = await openDetector(model);
const begun = Date.now();

const judge = async (which: number) => {
  const own = chosen.filter((_, i) => i % 2 === which);
  const source = {
    count: own.length,
    read: async (i: number) => (await decodePhotograph(join(folder, own[i]!))).image,
  };
  return judgeForgeries(detector, { source, groups: own }, { seed: 0 });
};
const calibration = calibrateModel(await judge(0), { rendered: false, random: new Random('calibration') });
const held = await judge(1);
await detector.dispose();
const items = held.items.map((item) => {
  const { score, tiles, features } = item;
  const picture = { ...item.picture, rendered: false };
  const { verdict, llr } = state({ score, tiles, features, picture, calibration });
  return { ...item, verdict, llr };
});
for (const check of checkItems(items, new Random('check'))) {
  const own = calibration?.tiers.find(({ tier }) => tier === check.tier);
  const { tier, auc, cllr, cllrMin, calibration: loss, verdicts, categories } = check;
  console.log(
    JSON.stringify({
      ...{ tier, photographs: held.photographs, auc, cllr, cllrMin, loss, verdicts },
      ...{
        map: own?.map.kind,
        bounds: own?.bounds,
        calibrationAuc: own?.figures.auc,
        atChance: own?.atChance,
      },
      categories: categories.map(({ category, auc, atChance, verdicts }) => ({
        ...{ category, auc: auc.value, atChance, verdicts: verdicts.simulated },
      })),
    }),
  );
}
console.log(`${((Date.now() - begun) / 1000).toFixed(0)} s`);
