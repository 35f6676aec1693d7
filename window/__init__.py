"""The clerk's page: one window, one large button, one key for each verb."""
