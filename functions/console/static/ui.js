// The library of the page, under one name: elements from templates, and the hooks of components.
import { h, render, Fragment } from "./preact.js";
import { useState, useEffect, useLayoutEffect, useErrorBoundary, useRef, useMemo, useCallback } from "./hooks.js";
import htm from "./htm.js";

export const html = htm.bind(h);
export { render, Fragment, useState, useEffect, useLayoutEffect, useErrorBoundary, useRef, useMemo, useCallback };
