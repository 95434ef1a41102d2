/** Every page of the interface, one line each. */
import './overview.js';
import './projects.js';
import './project.js';
import './tokens.js';
import './principals.js';
import './wallets.js';
import './vault.js';
import './configuration.js';
