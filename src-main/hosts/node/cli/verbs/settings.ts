/** `settings [--set NAME=VALUE...]`: the settings of the workspace, and changing them. */
import { settingKeys, type Settings } from '#contract/setting.ts';
import { AppError } from '#contract/errors.ts';
import { withApp, type Context } from '../context.ts';
import { snakeCase, table } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

type Name = keyof Settings;
const written = (name: Name): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export function settingsVerb(context: Context, options: { set?: string[] }): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async ({ handlers }) => {
    const before = await handlers.settings.get({});
    const change = Object.fromEntries((options.set ?? []).map((one) => read(one, before)));
    const now = options.set ? await handlers.settings.change(change) : before;
    out.emit(snakeCase(now));
    out.print(
      table(
        ['setting', 'value'],
        settingKeys.map((name) => [written(name), String(now[name] ?? '')]),
      ),
    );
    return exitStatus.done;
  });
}

/** `backup-hours=12` as name and value; an empty value is none. What a value may be is checked by the call. */
function read(text: string, before: { [K in Name]?: unknown }): [Name, string | number | null] {
  const [name = '', ...rest] = text.split('=');
  const key = settingKeys.find((one) => written(one) === name);
  if (key === undefined || rest.length === 0)
    throw new AppError('invalid_input', `${JSON.stringify(text)} sets nothing.`, {
      hint: `It must be like NAME=VALUE, with one of ${settingKeys.map(written).join(', ')}.`,
    });
  const value = rest.join('=');
  if (value === '') return [key, null];
  return [key, typeof before[key] === 'number' ? Number(value) : value];
}
