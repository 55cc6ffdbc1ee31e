/** What a person chose about appearance; kept in this browser's local storage, never on the host. */
import { colourMapNames, type ColourMapName } from './colour-map.ts';

export type Theme = 'dark' | 'light';
const KEY = 'pentimento.preferences';

export type EvidenceView = 'grid' | 'table';
type Stored = {
  theme?: unknown;
  colourMap?: unknown;
  opacity?: unknown;
  evidenceView?: unknown;
  layer?: unknown;
};

function readStored(): Stored {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Stored;
  } catch {
    return {};
  }
}

export class Preferences {
  theme = $state<Theme>('dark');
  colourMap = $state<ColourMapName>('inferno');
  /** Of a map over a picture, in [0, 1]. */
  opacity = $state(0.55);
  evidenceView = $state<EvidenceView>('grid');
  /** Id of the layer that was last chosen in a review, `original` for none; null before the first choice. */
  layer = $state<string | null>(null);

  constructor() {
    const stored = readStored();
    if (stored.theme === 'light') this.theme = 'light';
    this.colourMap = colourMapNames.find((name) => name === stored.colourMap) ?? this.colourMap;
    if (typeof stored.opacity === 'number' && stored.opacity >= 0 && stored.opacity <= 1)
      this.opacity = stored.opacity;
    if (typeof stored.layer === 'string') this.layer = stored.layer;
    if (stored.evidenceView === 'table') this.evidenceView = 'table';
  }

  toggleTheme(): void {
    this.theme = this.theme === 'dark' ? 'light' : 'dark';
  }

  /** Writes the choices to the page and to storage. Run inside an effect, so that it follows every change. */
  apply(): void {
    document.documentElement.dataset['theme'] = this.theme;
    const { theme, colourMap, opacity, evidenceView, layer } = this;
    const stored: Stored = { theme, colourMap, opacity, evidenceView, layer };
    try {
      localStorage.setItem(KEY, JSON.stringify(stored));
    } catch {
      // A browser that keeps nothing still shows the theme; it asks again next time.
    }
  }
}
