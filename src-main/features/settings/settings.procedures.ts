/** The settings part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { settingsApi } from '#contract/setting.ts';
import type { SettingsService } from './settings.service.ts';

export const settingsProcedures = (settings: SettingsService): Handlers<typeof settingsApi> => ({
  get: () => settings.get(),
  change: (to) => settings.change(to),
});
