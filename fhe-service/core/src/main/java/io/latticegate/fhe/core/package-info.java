/** CKKS in residue number system form: arithmetic, keys, evaluation and the containers of Microsoft SEAL. No I/O beyond streams. */
@NullMarked
package io.latticegate.fhe.core;

import org.jspecify.annotations.NullMarked;
