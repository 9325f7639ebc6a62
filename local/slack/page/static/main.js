// Starts the page: every other module only defines what it can do.
import { startActions } from "./actions.js";
import { startComposers } from "./composer.js";
import { dress } from "./dress.js";
import { connect } from "./live.js";
import { startModals } from "./modals.js";
import { arrived, startNavigation } from "./navigation.js";

startActions();
startComposers();
startModals();
startNavigation();
dress(document);
arrived();
connect();
