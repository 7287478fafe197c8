// What every page loads.
import "./switch.js";
import "./keys.js";
import "./menu.js";
import "./dialog.js";
import "./filter.js";
import "./copy.js";
import { place } from "./place.js";

place();
