"""What holds for every test: logs are kept to warnings, so that a failure can be read."""

import logging

import structlog

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
