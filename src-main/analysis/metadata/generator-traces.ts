/** What programs that generate pictures write beside them: prompts, settings, and the IPTC words for synthetic media. */
import type { AnalysedPicture, Findings } from '../analysis.ts';
import type { Groups } from './read-tags.ts';

type Found = Findings['findings'][number];

/** Names of PNG text chunks and tags that hold prompts, with who writes them. */
const promptFields: Record<string, string> = {
  parameters: 'Stable Diffusion web interfaces',
  prompt: 'ComfyUI',
  workflow: 'ComfyUI',
  Dream: 'InvokeAI',
  'sd-metadata': 'InvokeAI',
  invokeai_metadata: 'InvokeAI',
  generation_data: 'generators',
};
const promptText = /\bSteps: \d+, Sampler: |"class_type"\s*:|\bCFG scale: [\d.]+/;
const generators =
  /\b(midjourney|dall[·-]?e|stable diffusion|novelai|firefly|comfyui|invokeai|imagen|flux\.1|ideogram)\b/i;
const syntheticMedia = /trainedAlgorithmicMedia|compositeWithTrainedAlgorithmicMedia|algorithmicMedia/;

export function generatorTraces(groups: Groups, { bytes, format }: AnalysedPicture): Found[] {
  const found: Found[] = [];
  const texts = { ...(format === 'png' ? pngTexts(bytes) : {}), ...groups['png'], ...groups['pngText'] };
  for (const [name, text] of Object.entries(texts))
    if (Object.hasOwn(promptFields, name) || promptText.test(text))
      found.push({
        ...{ code: 'generator-prompt', severity: 'notice', data: { field: name, text: text.slice(0, 2000) } },
        sentence: `The text field "${name}" holds the prompt or the settings of a program that generates pictures (${promptFields[name] ?? 'not named'}).`,
      });
  for (const [group, tags] of Object.entries(groups))
    for (const [name, text] of Object.entries(tags)) {
      if (group === 'png' || group === 'pngText') continue;
      if (syntheticMedia.test(text))
        found.push({
          ...{
            code: 'synthetic-media',
            severity: 'notice',
            data: { field: `${group}.${name}`, text: text.slice(0, 500) },
          },
          sentence: `${group} ${name} says that the picture, or a part of it, was made by an algorithm.`,
        });
      else if (
        promptText.test(text) ||
        (/software|creatortool|comment|credit/i.test(name) && generators.test(text))
      )
        found.push({
          ...{
            code: 'generator-named',
            severity: 'notice',
            data: { field: `${group}.${name}`, text: text.slice(0, 500) },
          },
          sentence: `${group} ${name} names a program that generates pictures, or its settings.`,
        });
    }
  return found.slice(0, 40);
}

/** tEXt chunks, and iTXt chunks that are not compressed (W3C PNG, 11.3.3), by their keywords. */
function pngTexts(bytes: Buffer): Record<string, string> {
  const texts: Record<string, string> = {};
  for (let at = 8, chunks = 0; at + 12 <= bytes.length && chunks < 3000; chunks++) {
    const length = bytes.readUInt32BE(at);
    const name = bytes.toString('latin1', at + 4, at + 8);
    const content = bytes.subarray(at + 8, Math.min(bytes.length, at + 8 + length));
    const end = content.indexOf(0);
    if (end > 0 && end < 80 && name === 'tEXt')
      texts[content.toString('latin1', 0, end)] = content.toString('latin1', end + 1, end + 2001);
    if (end > 0 && end < 80 && name === 'iTXt' && content[end + 1] === 0) {
      const language = content.indexOf(0, end + 3);
      const translated = language < 0 ? -1 : content.indexOf(0, language + 1);
      if (translated > 0)
        texts[content.toString('latin1', 0, end)] = content.toString(
          'utf8',
          translated + 1,
          translated + 2001,
        );
    }
    at += 12 + length;
  }
  return texts;
}
