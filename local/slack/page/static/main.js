// Starts the page: every other module only defines what it can do.
import { startActions } from "./actions.js";
import { startComposers } from "./composer.js";
import { dress } from "./dress.js";
import { connect } from "./live.js";
import { startModals } from "./modals.js";
import { arrived, pointOut, scrollToNewest, startNavigation } from "./navigation.js";
import { startShortcuts } from "./shortcuts.js";
import { startTables } from "./tables.js";

startActions();
startComposers();
startModals();
startNavigation();
startShortcuts();
startTables();
dress(document);
scrollToNewest(document);
pointOut();
arrived();
connect();

// As in Slack one can type at once; on a phone that would open the keyboard over the messages.
const canType = matchMedia("(hover: hover)").matches && !document.querySelector("dialog[open]");
if (canType) document.querySelector("#composer")?.focus();
