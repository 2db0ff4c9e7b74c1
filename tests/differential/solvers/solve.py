"""Runs cvc5 or z3 on a formula: status, model, CPU seconds."""

import re
import time


def solve(solver, text, milliseconds):
    """(`"sat"`, `"unsat"` or `"unknown"`, the model by name, CPU seconds)."""
    start = time.process_time()
    status, model = (_cvc5 if solver == "cvc5" else _z3)(text, milliseconds)
    return status, model, time.process_time() - start


def _cvc5(text, milliseconds):
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("produce-models", "true")
    solver.setOption("strings-exp", "true")
    solver.setOption("tlimit-per", str(milliseconds))
    symbols = cvc5.SymbolManager(solver)
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "query")
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, symbols)
    result = solver.checkSat()
    if not result.isSat():
        return "unsat" if result.isUnsat() else "unknown", None
    model = {str(it): _cvc5_value(solver.getValue(it)) for it in symbols.getDeclaredTerms()}
    return "sat", model


def _cvc5_value(term):
    if term.isBooleanValue():
        return term.getBooleanValue()
    if term.isIntegerValue():
        return int(term.getIntegerValue())
    if term.isBitVectorValue():
        return int(term.getBitVectorValue(10))
    return term.getStringValue()


def _z3(text, milliseconds):
    import z3

    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    solver.from_string(text)
    result = solver.check()
    if result != z3.sat:
        return "unsat" if result == z3.unsat else "unknown", None
    found = solver.model()
    names = dict(re.findall(r"^\(declare-const (\S+) (.*)\)$", text, re.MULTILINE))
    model = {name: _z3_default(sort) for name, sort in names.items()}
    for declaration in found.decls():
        if declaration.name() in names:
            model[declaration.name()] = _z3_value(found[declaration])
    return "sat", model


def _z3_default(sort):
    return "" if sort == "String" else False if sort == "Bool" else 0


def _z3_value(value):
    import z3

    if z3.is_bool(value):
        return z3.is_true(value)
    if z3.is_int_value(value) or z3.is_bv_value(value):
        return value.as_long()
    return re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda it: chr(int(it[1], 16)), value.as_string())
