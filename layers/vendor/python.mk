# Which Python a layer is built for, and which interpreter builds it. Included by the Makefiles that `sam build` runs.
#
# Lambda runs 3.13, so that is the target. The local cloud sets HEARBACK_BUILD_PYTHON to the interpreter that will run the
# handlers on this machine, which then becomes the target.

root := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))../..)

ifdef HEARBACK_BUILD_PYTHON
python := $(HEARBACK_BUILD_PYTHON)
target := $(shell "$(python)" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
else
target := 3.13
is_target := import sys; sys.exit(sys.version_info[:2] != (3, 13))
candidates := $(root)/.venv/bin/python $(root)/.venv-tools/bin/python python3.13 python3
python := $(firstword $(foreach candidate,$(candidates),$(shell "$(candidate)" -c '$(is_target)' 2>/dev/null && echo "$(candidate)")) python3)
endif

# Only the same minor version's bytecode is of use, so another interpreter leaves it out, and says so.
is_same := $(shell "$(python)" -c 'import sys; print("%d.%d" % sys.version_info[:2] == "$(target)")')

# unchecked-hash: no file time in a zip can invalidate the compiled files, and reading them costs no stat.
ifeq ($(is_same),True)
compile = "$(python)" -m compileall -q --invalidation-mode unchecked-hash -s "$(1)" "$(1)"
prepare = "$(python)" -I -S -B "$(root)/layers/vendor/prepare.py" "$(1)"
else
compile = @echo "WARNING: no Python $(target) here, so $(1) holds no compiled files: a cold start takes twice as long" >&2
prepare = @:
endif
